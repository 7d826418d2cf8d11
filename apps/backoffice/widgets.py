"""Autocomplete that can show again what was never a key."""

from typing import Any

from django.contrib.admin import widgets

from apps.core.keys import key_of


class _KeysOnly:
    """Django asks the database for whatever was posted, and fails on what is no number.

    ``known`` is the row that the form's record refers to, where it is loaded: it is not asked
    for again, which in an inline would be a query a row.
    """

    known: Any = None

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        """Offer the chosen rows; what is no key chooses none."""
        if self.known is not None and [str(each) for each in value] == [str(self.known.pk)]:
            return self._only_known(name)
        keys = [each for each in value if key_of(str(each)) is not None]
        return super().optgroups(name, keys or [""], attr)  # type: ignore[misc]  # a mixin

    def _only_known(self, name: str) -> Any:
        """Return what Django makes of the one chosen row."""
        blank = [] if self.is_required else [("", "", False)]  # type: ignore[attr-defined]
        label = self.choices.field.label_from_instance(self.known)  # type: ignore[attr-defined]
        chosen = [*blank, (self.known.pk, label, True)]
        options = [
            self.create_option(name, *option, index)  # type: ignore[attr-defined]
            for index, option in enumerate(chosen)
        ]
        return [(None, options, 0)]


class Autocomplete(_KeysOnly, widgets.AutocompleteSelect):
    """Chooses one row."""


class AutocompleteMany(_KeysOnly, widgets.AutocompleteSelectMultiple):
    """Chooses several rows."""
