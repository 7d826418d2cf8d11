"""Search by any part of a word, at a cost that does not grow with the table."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import models
from django.db.models import F, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce, Lower

Q = TypeVar("Q", bound="models.QuerySet[Any]")

# Trigrams need three letters; shorter terms are looked up as the start of the text.
SHORTEST_TRIGRAM = 3


def _text(columns: Sequence[str]) -> Lower:
    """``lower(a || ' ' || b)``: immutable, as a generated column must be (``concat`` is not)."""
    first, *rest = (Coalesce(F(name), Value("")) for name in columns)
    joined: Any = first
    for column in rest:
        for part in (Value(" "), column):
            joined = CombinedExpression(joined, "||", part, output_field=models.TextField())
    return Lower(joined, output_field=models.TextField())


class SearchText(models.GeneratedField):
    """The lower-cased words of some columns, in one generated column for one index."""

    def __init__(self, *columns: str, **written_out: Any) -> None:
        if columns:
            written_out |= {"expression": _text(columns), "output_field": models.TextField()}
        super().__init__(**written_out | {"db_persist": True})

    def deconstruct(self) -> Any:
        """Return the plain generated column, so that migrations need no code of ours."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.GeneratedField", args, kwargs


def matching(rows: Q, term: str, column: str = "search_text") -> Q:
    """Return rows whose text holds every word of the term; one or two letters must begin it.

    Uses index: the column's trigram index, or its prefix index for a short term.
    """
    words = term.lower().split()
    if not any(len(word) >= SHORTEST_TRIGRAM for word in words):
        return rows.filter(**{f"{column}__startswith": " ".join(words)})
    for word in words:
        rows = rows.filter(**{f"{column}__contains": word})
    return rows
