"""Docstrings as callers read them: what is for us (queries, locks, exceptions) left out."""

import inspect
import re
from typing import Any

# These speak to who reads the code; each runs to the end of its paragraph.
_FOR_US = re.compile(
    r"\s*\b(Queries|Raises|Returns|Locks|Uses index|Source):.*?(?=\n\n|\Z)", re.DOTALL
)


def words_of(told: Any) -> str:
    """Return the words of a function or class, of its own, as Markdown."""
    doc = told.__dict__.get("__doc__") if inspect.isclass(told) else told.__doc__
    return _FOR_US.sub("", inspect.cleandoc(doc or "")).replace("``", "`").strip()


def summary_of(words: str) -> tuple[str, str]:
    """Return the first sentence of some words, without its full stop, and what follows."""
    first, _, rest = words.partition("\n\n")
    return " ".join(first.split()).rstrip("."), rest.strip()


def a(name: str) -> str:
    """Return a noun with its article."""
    return f"{'an' if name[0] in 'aeio' else 'a'} {name}"
