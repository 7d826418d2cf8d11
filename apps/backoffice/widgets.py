"""Autocomplete that can show again what was never a key."""

from typing import Any

from django.contrib.admin import widgets


class _KeysOnly:
    """Django asks the database for whatever was posted, and fails on what is no number."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        """Offer the chosen rows; what is no key chooses none."""
        keys = [each for each in value if str(each).isascii() and str(each).isdigit()]
        fitting = [key for key in keys if int(key) < 2**63]
        return super().optgroups(name, fitting or [""], attr)  # type: ignore[misc]  # a mixin


class Autocomplete(_KeysOnly, widgets.AutocompleteSelect):
    """Chooses one row."""


class AutocompleteMany(_KeysOnly, widgets.AutocompleteSelectMultiple):
    """Chooses several rows."""
