"""docs/indexes.md, read by the report and held against the database by a test."""

import re
from collections.abc import Iterator
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/indexes.md"
_ROW = re.compile(r"^\| `(?P<name>[^`]+)` \|(?P<cells>.*)\|$")
_REFERENCES, _KEPT = "## Foreign keys", "## Kept all the same"


def served(page: str) -> dict[str, str]:
    """Return the question that each index answers, by its name."""
    return dict(_rows(page.partition(_REFERENCES)[0]))


def kept(page: str) -> dict[str, str]:
    """Return why each index stays that another covers, by its name."""
    return dict(_rows(page.partition(_KEPT)[2]))


def read_page() -> str:
    """Return the page; nothing where the documents were left out of an installation."""
    return PAGE.read_text() if PAGE.exists() else ""


def _rows(text: str) -> Iterator[tuple[str, str]]:
    """Names in the first cell, the last cell of each row."""
    for line in text.splitlines():
        if row := _ROW.match(line):
            yield row["name"], row["cells"].split("|")[-1].strip()
