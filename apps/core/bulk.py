"""Many records at once: all or none, and a refusal says at which.

Services of many raise the refusals of their services of one, with ``details["index"]``: the place
in the list of the one at fault, from 0. Without it, all were refused alike.
"""

from collections.abc import Callable, Iterator, Sequence, Sized
from contextlib import contextmanager
from typing import TypeVar

from django.db import models, transaction
from django.utils.translation import gettext as _

from apps.core.db import refusals
from apps.core.errors import DomainError, Invalid

M = TypeVar("M", bound=models.Model)

# More is an import: it would keep its locks too long.
AT_MOST = 1_000


class TooMany(Invalid):
    """More than 1,000 at once."""

    code = "too_many"


def require_few(items: Sized) -> None:
    """Refuse more than AT_MOST at once. Raises: TooMany."""
    if len(items) > AT_MOST:
        raise TooMany(
            _("At most %(most)s at once: send the rest after.") % {"most": f"{AT_MOST:,}"},
            most=AT_MOST,
        )


@contextmanager
def at_item(index: int) -> Iterator[None]:
    """Have a refusal inside say that it is about the item at ``index``."""
    try:
        yield
    except DomainError as refusal:
        refusal.details["index"] = index
        raise


@contextmanager
def alone() -> Iterator[None]:
    """Have a refusal inside speak of no list: a service of one calls that of many with one."""
    try:
        yield
    except DomainError as refusal:
        refusal.details.pop("index", None)
        raise


def write_rows(
    model: type[models.Model], rows: Sequence[M], write: Callable[[Sequence[M]], object]
) -> None:
    """Write all rows by one call of ``write``; refused by a constraint, find out at which row.

    ``write`` is then called again with some of the rows: it leaves rows as they are when refused.

    Raises: DomainError. Queries: those of ``write`` and 2 for a savepoint.
    """
    try:
        with refusals(model):
            write(rows)
    except DomainError as refusal:
        with transaction.atomic():
            refusal.details["index"] = _first_refused(model, rows, write)
            transaction.set_rollback(True)
        raise


def _first_refused(
    model: type[models.Model], rows: Sequence[M], write: Callable[[Sequence[M]], object]
) -> int:
    """Return the place of the first row that cannot stand beside those before it.

    By halving, keeping what went well: it costs about as much again as writing them all.
    """
    written, end = 0, len(rows)
    while end - written > 1:
        middle = (written + end) // 2
        try:
            with refusals(model):
                write(rows[written:middle])
        except DomainError:
            end = middle
        else:
            written = middle
    return written
