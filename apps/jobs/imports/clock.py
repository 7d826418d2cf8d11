"""From the clock times a file shows to instants."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import product

_TIME = re.compile(
    r"\d{4}[-/]\d\d[-/]\d\d[ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)
_SPAN = re.compile(r"(\d{1,5}):([0-5]\d)", re.ASCII)
# A log before computers' own clocks is a slip, and so is one at the calendar's end.
FIRST_YEAR, LAST_YEAR = 1970, 9998


@dataclass(frozen=True, slots=True)
class Reading:
    """The instants a clock time can mean: one; two when clocks are put forward or back."""

    written: datetime
    instants: tuple[datetime, ...]
    is_skipped: bool = False

    @property
    def is_ambiguous(self) -> bool:
        """Whether the clock showed this time twice."""
        return len(self.instants) > 1 and not self.is_skipped


def read_time(cell: str, zone: tzinfo) -> Reading:
    """Read ``2012/01/29 23:24:00.000`` or ISO 8601; without an offset it is in ``zone``.

    Raises: ValueError, with what is wrong.
    """
    if not _TIME.fullmatch(cell):
        raise ValueError("is not a time such as 2012/01/29 23:24:00")
    try:
        written = datetime.fromisoformat(cell.replace("/", "-"))
    except ValueError as error:
        raise ValueError("is no time of the calendar") from error
    if not FIRST_YEAR <= written.year <= LAST_YEAR:
        raise ValueError(f"lies outside the years {FIRST_YEAR} to {LAST_YEAR}")
    return _reading(written, zone)


def _reading(written: datetime, zone: tzinfo) -> Reading:
    if written.tzinfo is not None:
        return Reading(written, (written.astimezone(UTC),))
    folds = (written.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    instants = tuple(dict.fromkeys(folds))
    shown = instants[0].astimezone(zone).replace(tzinfo=None)
    return Reading(written, instants, is_skipped=shown != written)


def in_order(start: Reading, end: Reading) -> tuple[datetime, datetime] | None:
    """Return the first reading of both in which the end does not come before the start."""
    pairs = product(start.instants, end.instants)
    return next((pair for pair in pairs if pair[0] <= pair[1]), None)


def read_span(cell: str) -> timedelta | None:
    """Read hours and minutes as ``006:19``; None when it is anything else."""
    match = _SPAN.fullmatch(cell)
    return timedelta(hours=int(match[1]), minutes=int(match[2])) if match else None


def lengths(start: Reading, end: Reading, instants: tuple[datetime, datetime]) -> set[timedelta]:
    """Return how long it took: in truth and, as written, by the clock on the wall."""
    is_wall = start.written.tzinfo is None and end.written.tzinfo is None
    by_wall = {end.written - start.written} if is_wall else set()
    return {instants[1] - instants[0], *by_wall}
