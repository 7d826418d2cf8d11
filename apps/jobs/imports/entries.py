"""One row of a work log, read and checked."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from types import MappingProxyType
from typing import TypeVar

from apps.jobs.imports import clock, columns
from apps.jobs.imports.faults import Faults, quoted
from apps.jobs.imports.oddities import Kind, Oddity
from apps.jobs.models import MOST
from apps.jobs.states import LogKind

T = TypeVar("T")

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_WHOLE = re.compile(r"\d+", re.ASCII)
_NEGATIVE = re.compile(r"-\d+", re.ASCII)
_OWN_MACHINE = re.compile(r"(?P<process>.+?)(?: - ?|- )(?P<machine>Machine \w+)", re.IGNORECASE)
_KINDS: Mapping[str, LogKind] = MappingProxyType(
    {"S": LogKind.SETUP, "D": LogKind.RUN, "B": LogKind.RUN}
)
_REWORK_NOTES: Mapping[str, str] = MappingProxyType({"": "", "Y": "Rework"})
_SEPARATOR = "\x1f"  # No cell holds it: control characters are refused.
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row as it is staged; the fields are the columns of the staging table."""

    row_number: int
    case_id: str
    activity: str
    process: str
    resource: str
    quantity: int
    part: str
    worker: str
    kind: str
    started_at: datetime | None
    ended_at: datetime | None
    good: int
    scrap: int
    rework: int
    note: str
    cells_hash: str
    step_key: str


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one row by column, stripped; reading one notes its fault and goes on."""

    row: int
    values: Mapping[str, str]
    faults: Faults
    oddities: list[Oddity]

    def fault(self, column: str, text: str) -> None:
        """Note what is wrong with a cell."""
        self.faults.add(text, row=self.row, column=column)

    def odd(self, kind: Kind, what: str) -> None:
        """Note what is odd about the row."""
        self.oddities.append(Oddity(self.row, kind, what))

    def text(self, column: str) -> str:
        """Read a name that must be there, as long as its record allows."""
        value = self.values[column]
        if not value:
            self.fault(column, "is empty")
        elif len(value) > columns.LONGEST[column]:
            self.fault(
                column, f"{quoted(value)} has more than {columns.LONGEST[column]} characters"
            )
        elif _CONTROL.search(value):
            self.fault(column, f"{quoted(value)} holds a control character")
        return value

    def pieces(self, column: str, *, least: int = 0) -> int:
        """Read a whole number of pieces."""
        value = self.values[column]
        if not _WHOLE.fullmatch(value):
            negative = "is negative" if _NEGATIVE.fullmatch(value) else "is not a whole number"
            self.fault(column, f"{quoted(value)} {negative}" if value else "is empty")
            return least
        number = int(value) if len(value) < len(str(MOST)) + 1 else MOST + 1
        if not least <= number <= MOST:
            self.fault(column, f"{quoted(value)} is not between {least} and {MOST:,}")
        return number

    def one_of(self, column: str, meanings: Mapping[str, T], otherwise: T) -> T:
        """Read a code; ``otherwise`` stands for one that is unknown."""
        value = self.values[column]
        if value not in meanings:
            known = ", ".join(each or "empty" for each in meanings)
            self.fault(column, f"{quoted(value)} is none of {known}")
        return meanings.get(value, otherwise)

    def time(self, column: str, zone: tzinfo) -> clock.Reading | None:
        """Read a time; None, with its fault noted, when it is none."""
        try:
            reading = clock.read_time(self.values[column], zone)
        except ValueError as error:
            self.fault(column, f"{quoted(self.values[column])} {error}")
            return None
        if reading.is_skipped:
            self.odd(Kind.TIME_SKIPPED, f"{column} {reading.written} in {zone}")
        if reading.is_ambiguous:
            self.odd(Kind.TIME_TWICE, f"{column} {reading.written} in {zone}")
        return reading


def read_entry(cells: Cells, *, zone: tzinfo, now: datetime) -> Entry:
    """Read a row. Its faults and oddities are noted; an entry with faults is not to be used."""
    case, resource = cells.text(columns.CASE), cells.text(columns.RESOURCE)
    activity = _activity(cells)
    started_at, ended_at = _times(cells, zone, now)
    entry = Entry(
        row_number=cells.row,
        case_id=case,
        activity=activity,
        process=process_name(activity, resource),
        resource=resource,
        quantity=cells.pieces(columns.ORDERED, least=1),
        part=cells.text(columns.PART),
        worker=cells.text(columns.WORKER),
        kind=cells.one_of(columns.REPORT_TYPE, _KINDS, LogKind.RUN),
        started_at=started_at,
        ended_at=ended_at,
        good=cells.pieces(columns.GOOD),
        scrap=cells.pieces(columns.SCRAP),
        rework=cells.pieces(columns.REVIEW),
        note=cells.one_of(columns.REWORK, _REWORK_NOTES, ""),
        cells_hash=_key(*(cells.values[column] for column in columns.COLUMNS)),
        step_key=_key(case, activity, resource),
    )
    _note_oddities(cells, entry)
    return entry


def process_name(activity: str, resource: str) -> str:
    """Return an activity without the machine it was done on.

    That is an ending `` - Machine 4``, or `` - `` and the resource's own name.
    """
    own = _OWN_MACHINE.fullmatch(activity)
    return own["process"].strip() if own else activity.removesuffix(f" - {resource}")


def _activity(cells: Cells) -> str:
    written = cells.text(columns.ACTIVITY)
    collapsed = " ".join(written.split())
    if collapsed != written:
        cells.odd(Kind.SPACES, f"{quoted(written)} became {quoted(collapsed)}")
    return collapsed


def _times(
    cells: Cells, zone: tzinfo, now: datetime
) -> tuple[datetime, datetime] | tuple[None, None]:
    given = [column for column in (columns.START, columns.END) if cells.values[column]]
    if not given:
        cells.odd(Kind.NO_TIMES, "neither start nor end is known")
        return None, None
    for column in {columns.START, columns.END}.difference(given):
        cells.fault(column, f"is empty, though {given[0]} is given: leave out what is not finished")
    readings = [cells.time(column, zone) for column in given]
    if len(given) == 1 or readings[0] is None or readings[1] is None:
        return None, None
    start, end = readings[0], readings[1]
    instants = clock.in_order(start, end)
    if instants is None:
        cells.fault(columns.END, f"{quoted(cells.values[columns.END])} comes before the start")
        return None, None
    if instants[1] > now:
        ended = quoted(cells.values[columns.END])
        cells.fault(columns.END, f"{ended} lies in the future: is the time zone right?")
    _compare_span(cells, clock.lengths(start, end, instants))
    return instants


def _compare_span(cells: Cells, real: set[timedelta]) -> None:
    written = cells.values[columns.SPAN]
    span = clock.read_span(written)
    if span is None and written:
        cells.odd(Kind.SPAN_UNREADABLE, quoted(written))
    elif span is not None and all(abs(each - span) >= _MINUTE for each in real):
        cells.odd(Kind.SPAN_DIFFERS, f"{quoted(written)}, by the clock {max(real)}")


def _note_oddities(cells: Cells, entry: Entry) -> None:
    own = _OWN_MACHINE.fullmatch(entry.activity)
    if own and not re.search(rf"\b{re.escape(own['machine'])}\b", entry.resource, re.IGNORECASE):
        cells.odd(Kind.MACHINE_DIFFERS, f"{quoted(entry.activity)} on {quoted(entry.resource)}")
    if cells.values[columns.REPORT_TYPE] == "B":
        cells.odd(Kind.TYPE_B, "B means both or break")
    if entry.kind == LogKind.RUN and not entry.good + entry.scrap + entry.rework:
        cells.odd(Kind.NO_PIECES, "neither good nor scrap nor rework")


def _key(*cells: str) -> str:
    return hashlib.sha256(_SEPARATOR.join(cells).encode()).hexdigest()
