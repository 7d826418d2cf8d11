"""Search by any part of a word, at a cost that does not grow with the table."""

from collections.abc import Sequence
from typing import Any, Self, TypeVar, cast

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q, Subquery, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce, Lower

Rows = TypeVar("Rows", bound="models.QuerySet[Any]")

# Trigrams need three letters; shorter terms are looked up as the start of the text.
SHORTEST_TRIGRAM = 3
# The block that a key is in, and the two newest ones.
BLOCK = "ARRAY[%(expressions)s >> 15]"
NEWEST = "ARRAY[%(expressions)s >> 15, (%(expressions)s >> 15) - 1]"


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


def _blocks(template: str) -> Func:
    """Return numbers of blocks of 32,768 keys, made of a key; written out, for indexes to match."""
    return Func(F("id"), template=template, output_field=ArrayField(models.BigIntegerField()))


def text_index(name: str) -> GinIndex:
    """Return the index of a SearchText: its trigrams, and the block of keys that a row is in."""
    return GinIndex(OpClass(F("search_text"), name="gin_trgm_ops"), _blocks(BLOCK), name=name)


class TextSearch:
    """For querysets of records with a SearchText and its index: they are found by its words."""

    def search(self, term: str) -> Self:
        """Records whose text holds every word.

        Uses index: that of ``text_index``, or the prefix index where no word has three letters.
        """
        return cast("Self", matching(cast("models.QuerySet[Any]", self), term))


def matching(rows: Rows, term: str) -> Rows:
    """Return rows whose text holds every word of the term; one or two letters must begin it."""
    words = term.lower().split()
    if not _has_trigrams(term):
        return rows.filter(search_text__startswith=" ".join(words))
    for word in words:
        rows = rows.filter(search_text__contains=word)
    return rows


def first_found(rows: models.QuerySet[Any], term: str, at_most: int) -> models.QuerySet[Any]:
    """Return the keys of at most so many of the rows that ``rows.search(term)`` finds.

    Ordered by nothing, so that the index stays cheap. Of a text, the newest blocks come first.
    """
    matches: models.QuerySet[Any] = rows.search(term)  # type: ignore[attr-defined]  # all have it
    if isinstance(rows, TextSearch):
        return first_matching(matches, term, at_most)
    return matches.order_by().values("pk")[:at_most]


def first_matching(
    matches: models.QuerySet[Any], term: str, at_most: int
) -> models.QuerySet[Any, Any]:
    """Return the keys of at most so many of the rows that ``matching`` found.

    A trigram index is read whole for what a term matches. So the two newest blocks are asked
    first: a common word fills the bound there, and only of a rare one is the rest read, too.
    """
    matches = matches.order_by()
    if not _has_trigrams(term):
        return matches.values("pk")[:at_most]
    newest = matches.model._base_manager.order_by("-pk").values_list(_blocks(NEWEST))[:1]
    is_new = Q(block__overlap=Subquery(newest))
    matches = matches.alias(block=_blocks(BLOCK))
    first, others = matches.filter(is_new), matches.filter(~is_new)
    return first.values("pk").union(others.values("pk"), all=True)[:at_most]


def _has_trigrams(term: str) -> bool:
    return any(len(word) >= SHORTEST_TRIGRAM for word in term.split())
