"""What is wrong with a file, all of it up to a limit, before anything of it is believed."""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from apps.core.errors import Invalid

MOST_FAULTS = 50  # A file with more has one cause; the first ones show it.
LONGEST_QUOTE = 40

Announce = Callable[[str], None]


class BadFile(Invalid):
    """The file cannot be imported as it is; nothing of it was."""

    code: ClassVar[str] = "bad_file"


class Faults:
    """The faults of one file, collected while it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found: list[str] = []

    def add(self, text: str, *, row: int | None = None, column: str | None = None) -> None:
        """Note a fault. Rows count as a spreadsheet does: the header is row 1.

        Raises: BadFile once there are MOST_FAULTS.
        """
        place = ", ".join(filter(None, (f"row {row}" if row else "", column)))
        self.found.append(f"{place}: {text}" if place else text)
        if len(self.found) == MOST_FAULTS:
            self.found.append(f"reading stopped after {MOST_FAULTS} faults")
            self.refuse()

    def refuse(self) -> None:
        """Raises: BadFile when there is any fault."""
        if self.found:
            raise BadFile(
                "\n  ".join((f"{self.path} was not imported:", *self.found)), faults=self.found
            )


def quoted(cell: str) -> str:
    """Return a cell as a message shows it: short, and without what a terminal would obey."""
    short = cell if len(cell) <= LONGEST_QUOTE else f"{cell[: LONGEST_QUOTE - 1]}…"
    return "“" + "".join(each if each.isprintable() else "\ufffd" for each in short) + "”"
