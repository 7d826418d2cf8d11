"""Reading a work log from a CSV file, row by row, whatever the file turns out to be."""

import codecs
import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import BinaryIO

from django.utils import timezone

from apps.jobs.imports.columns import COLUMNS, ORDERED, PART
from apps.jobs.imports.entries import Cells, Entry, read_entry
from apps.jobs.imports.faults import Announce, Faults, quoted
from apps.jobs.imports.oddities import Oddity

PROGRESS_EVERY = 50_000  # Rows.
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(slots=True)
class WorkLogFile:
    """A file to be read once; faults and oddities gather while its entries are taken."""

    path: Path
    zone: tzinfo
    announce: Announce
    oddities: list[Oddity] = field(default_factory=list)
    faults: Faults = field(init=False)
    rows: int = field(init=False, default=0)
    _orders: dict[str, Entry] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.faults = Faults(self.path)

    def entries(self) -> Iterator[Entry]:
        """Yield the rows that are right, and refuse at the end if any was not.

        Raises: BadFile.
        """
        try:
            if self.path.exists() and not self.path.is_file():
                self.faults.add("it is not a file")
                self.faults.refuse()
            with self.path.open("rb") as file:
                yield from self._checked(file)
        except OSError as error:
            self.faults.add(f"it cannot be read: {error.strerror or error}")
        self.faults.refuse()

    def _checked(self, file: BinaryIO) -> Iterator[Entry]:
        rows = self._table(file)
        header = next(rows, (1, []))[1]
        self._check_header(header)
        now = timezone.now()
        for number, row in rows:
            before = len(self.faults.found)
            cells = self._cells(number, row, header)
            entry = read_entry(cells, zone=self.zone, now=now) if cells else None
            if entry and len(self.faults.found) == before:
                self._check_order(entry)
                yield entry
            self.rows += 1
            if self.rows % PROGRESS_EVERY == 0:
                self.announce(f"{self.rows:,} rows")
        if not self.rows and not self.faults.found:
            self.faults.add("it has a header and no rows")

    def _table(self, file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows that are not blank, with their numbers, cells stripped."""
        number = 0
        try:
            for number, row in enumerate(csv.reader(self._lines(file), strict=True), start=1):
                cells = [cell.strip() for cell in row]
                if any(cells):
                    yield number, cells
        except csv.Error as error:
            self.faults.add(f"it is not CSV: {error}", row=number + 1)

    def _lines(self, file: BinaryIO) -> Iterator[str]:
        for number, line in enumerate(file, start=1):
            if number == 1 and line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                self.faults.add("it is UTF-16: save it as CSV in UTF-8")
                self.faults.refuse()
            try:
                yield line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                byte = f"0x{line[error.start]:02X}"
                self.faults.add(f"line {number} is not UTF-8: byte {byte} at {error.start + 1}")
                yield line.decode("utf-8", errors="replace")

    def _check_header(self, header: Sequence[str]) -> None:
        if not header and not self.faults.found:
            self.faults.add("it is empty")
        for separator, name in _OTHER_SEPARATORS.items():
            if len(header) == 1 and separator in header[0]:
                self.faults.add(f"its cells are separated by {name}: separate them by commas")
        self.faults.refuse()
        counted = Counter(header)
        for column in COLUMNS:
            if not counted[column]:
                self.faults.add(f"the column {quoted(column)} is missing", row=1)
            elif counted[column] > 1:
                self.faults.add(f"there are {counted[column]} columns {quoted(column)}", row=1)
        self.faults.refuse()
        unused = [quoted(column) for column in counted if column not in COLUMNS]
        if unused:
            self.announce(f"Not used: {', '.join(unused)}")

    def _cells(self, number: int, row: Sequence[str], header: Sequence[str]) -> Cells | None:
        if len(row) != len(header):
            self.faults.add(f"it has {len(row)} cells, the header {len(header)}", row=number)
            return None
        return Cells(number, dict(zip(header, row, strict=True)), self.faults, self.oddities)

    def _check_order(self, entry: Entry) -> None:
        """Refuse a case that makes two parts, or two quantities: they would be two jobs."""
        first = self._orders.setdefault(entry.case_id, entry)
        for column, one, other in (
            (PART, first.part, entry.part),
            (ORDERED, str(first.quantity), str(entry.quantity)),
        ):
            if one != other:
                others = f"row {first.row_number} of the same case has {quoted(one)}"
                self.faults.add(
                    f"{quoted(other)}, but {others}", row=entry.row_number, column=column
                )
