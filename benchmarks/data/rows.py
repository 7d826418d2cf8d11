"""Rows as COPY reads them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

NULL = "\\N"


class Sink(Protocol):
    """Takes text for COPY; several rows at once, each with its line end."""

    def write(self, text: str, /) -> None:
        """Take rows."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table that is filled, and the columns that are written, in the order of the rows."""

    name: str
    columns: Sequence[str]


def row(*values: object) -> str:
    """Return one row; the texts hold neither tabs, line ends nor backslashes."""
    return "\t".join([NULL if value is None else str(value) for value in values]) + "\n"


def numbered(rows: Iterable[Sequence[object]]) -> str:
    """Return rows with their numbers, from 1, as the first column."""
    return "".join(row(key, *values) for key, values in enumerate(rows, start=1))


Filled = tuple[Table, str]
"""A table and its rows, where they are few."""
