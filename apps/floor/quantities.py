"""Quantities as people on the floor type them."""

import re
from types import MappingProxyType
from typing import Any, NoReturn

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.jobs.models import MOST

TYPED_AT_MOST = 40

# How people part thousands: 1 200, 1,200, 1.200, 1'200, and spaces that do not break.
_SPACES = re.compile(r"\s+")
_GROUPED = re.compile(r"\d{1,3}(?:([,.'’_])\d{3})(?:\1\d{3})*")
_SEPARATORS = re.compile(r"[,.'’_]")
_SPACED = re.compile(r"\d+(?:\s+\d{3})*")
FAULTS = MappingProxyType(
    {
        "invalid": _("Write a whole number of pieces, such as 12."),
        "negative": _("A quantity is not negative. A supervisor can correct what was reported."),
        "huge": _("A quantity lies between 0 and %(most)s."),
    }
)


class QuantityField(forms.Field):
    """A whole number of pieces, as people type it; nothing typed is ``empty``."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def __init__(self, *, empty: int | None = 0, **options: Any) -> None:
        super().__init__(**{"required": False} | options)
        self.empty = empty

    def to_python(self, value: Any) -> int | None:
        """Read the number. Raises: ValidationError."""
        text = str(value if value is not None else "").strip()
        if not text:
            return self.empty
        if text[0] in "-−–":
            self._refuse("negative")
        pieces = self._read(text.removeprefix("+"))
        if pieces > MOST:
            self._refuse("huge")
        return pieces

    def _read(self, text: str) -> int:
        if len(text) > TYPED_AT_MOST:
            self._refuse("huge" if text.isdigit() else "invalid")
        if _SPACED.fullmatch(text):
            text = _SPACES.sub("", text)
        elif _GROUPED.fullmatch(text):
            text = _SEPARATORS.sub("", text)
        if not text.isdecimal():
            self._refuse("invalid")
        return int(text)

    def _refuse(self, code: str) -> NoReturn:
        raise ValidationError(FAULTS[code], code=code, params={"most": f"{MOST:,}"})
