"""What was odd in a file that was taken all the same, row by row."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from django.db import connection


class Kind(StrEnum):
    """The kinds of oddity."""

    DUPLICATE = "duplicate_row"
    NO_TIMES = "no_timestamps"
    TIME_SKIPPED = "time_skipped_by_the_clock"
    TIME_TWICE = "time_shown_twice_by_the_clock"
    SPAN_DIFFERS = "span_disagrees_with_the_clock"
    SPAN_UNREADABLE = "span_unreadable"
    MACHINE_DIFFERS = "machine_differs_from_resource"
    SPACES = "spaces_collapsed"
    TYPE_B = "report_type_b"
    NO_PIECES = "run_without_pieces"
    OVER_PLANNED = "more_than_planned"
    OVERLAP = "operator_overlap"


DONE: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.DUPLICATE: "kept as a work log of its own",
        Kind.NO_TIMES: "kept, its times unknown",
        Kind.TIME_SKIPPED: "read as before the change, or after it where the order asks for it",
        Kind.TIME_TWICE: "read as the first, or the second where the order asks for it",
        Kind.SPAN_DIFFERS: "the clock times were taken",
        Kind.SPAN_UNREADABLE: "the clock times were taken",
        Kind.MACHINE_DIFFERS: "the resource was taken",
        Kind.SPACES: "taken with single spaces",
        Kind.TYPE_B: "taken as run",
        Kind.NO_PIECES: "kept",
        Kind.OVER_PLANNED: "taken as it is",
        Kind.OVERLAP: "taken as it is",
    }
)


@dataclass(frozen=True, slots=True, order=True)
class Oddity:
    """One odd thing about one row."""

    row: int
    kind: Kind
    what: str

    @property
    def done(self) -> str:
        """What the import did about it."""
        return DONE[self.kind]


_DUPLICATES = """
    SELECT row_number, 'the same as row ' || first_row
    FROM (
        SELECT row_number, min(row_number) OVER (PARTITION BY cells_hash) AS first_row
        FROM import_rows
    ) AS numbered
    WHERE row_number > first_row
"""
_OVER_PLANNED = """
    SELECT row_number, 'passes the ' || quantity || ' planned pieces; the step comes to ' || total
    FROM (
        SELECT
            row_number,
            quantity,
            good + scrap + rework AS pieces,
            sum(good + scrap + rework) OVER (PARTITION BY step_key ORDER BY row_number) AS made,
            sum(good + scrap + rework) OVER (PARTITION BY step_key) AS total
        FROM import_rows
    ) AS counted
    WHERE made > quantity AND made - pieces <= quantity
"""
_OVERLAPS = """
    SELECT row_number, worker || ' was still at work on row ' || longest[2]
    FROM (
        SELECT
            row_number,
            worker,
            started_at,
            max(ARRAY[extract(epoch FROM ended_at), row_number]) OVER (
                PARTITION BY lower(worker) ORDER BY started_at, ended_at, row_number
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS longest
        FROM import_rows
        WHERE ended_at > started_at
    ) AS timed
    WHERE longest[1] > extract(epoch FROM started_at)
"""
_BETWEEN_ROWS = (
    (Kind.DUPLICATE, _DUPLICATES),
    (Kind.OVER_PLANNED, _OVER_PLANNED),
    (Kind.OVERLAP, _OVERLAPS),
)


def between_rows() -> list[Oddity]:
    """Return what is odd about staged rows beside each other. Queries: 3."""
    found = []
    with connection.cursor() as cursor:
        for kind, question in _BETWEEN_ROWS:
            cursor.execute(question)
            found += [Oddity(row, kind, what) for row, what in cursor.fetchall()]
    return found


def write_report(path: Path, oddities: Iterable[Oddity]) -> None:
    """Write the oddities as CSV, by row. Raises: OSError."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("row", "kind", "what", "done"))
        writer.writerows((each.row, each.kind, each.what, each.done) for each in sorted(oddities))
