"""PINs: which are good, and how they are kept and checked."""

import re

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.utils.translation import gettext as _

from apps.core.errors import Invalid

DIGITS = re.compile(r"[0-9]{4,8}")
_BLOCK = re.compile(r"(.+?)\1+")  # 1111, 1212, 123123.
_RUNS = ("0123456789" * 2, "9876543210" * 2)  # Up and down, past either end too.


class PinHasher(PBKDF2PasswordHasher):
    """Django's hash of passwords, with a fifth of its rounds.

    A PIN has 10,000 to 100 million values: against who has the hashes no number of rounds helps,
    and against who stands at a terminal the guard does. So a check takes no longer than a switch
    of users may.
    """

    iterations = 200_000


_HASHER = PinHasher()
_NOBODYS = _HASHER.encode("", _HASHER.salt())  # Checked in the place of a PIN that is not there.


def require_good(pin: str, *, field: str) -> None:
    """Refuse what is no PIN, or one that is tried first. Raises: Invalid."""
    if not DIGITS.fullmatch(pin):
        raise Invalid(_("A PIN is 4 to 8 digits."), field=field)
    if _BLOCK.fullmatch(pin) or any(pin in run for run in _RUNS):
        raise Invalid(
            _("This PIN is among the first that anyone would try: no repeats, no straight runs."),
            field=field,
        )


def hashed(pin: str) -> str:
    """Return what is kept of a PIN."""
    kept: str = _HASHER.encode(pin, _HASHER.salt())
    return kept


def is_right(pin: str, kept: str) -> bool:
    """Whether it is the PIN; without one kept, never, and after as long a while."""
    found: bool = _HASHER.verify(pin, kept or _NOBODYS)
    return found and bool(kept)
