"""Paging by position: page 10,000 costs what page 1 costs. Nothing is counted, nothing skipped.

Source: M. Winand, "Paging Through Results" (use-the-index-luke.com/no-offset).
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar, cast

from django.core import signing
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import BooleanField, Expression, F, Field, Func, Model, Q, QuerySet, Value
from django.db.models.constants import LOOKUP_SEP

from apps.core.db import estimated_rows
from apps.core.errors import Invalid

R = TypeVar("R")

# Below this many rows an exact count is cheaper than being wrong.
EXACT_COUNT_BELOW = 50_000
# Filtered lists are counted up to here, then said to be "more than".
COUNT_AT_MOST = 1_000


class BadCursor(Invalid):
    """The cursor was not issued for this list, filter and order."""

    code = "bad_cursor"


@dataclass(frozen=True, slots=True)
class Key:
    """One column of an order. Nulls are the greatest value, as PostgreSQL's indexes have them."""

    path: str
    descending: bool
    nullable: bool
    field: "Field[Any, Any]"

    def reversed(self) -> "Key":
        """Return the same column the other way round."""
        return replace(self, descending=not self.descending)

    def order_by(self) -> str:
        """Return the column as ``QuerySet.order_by`` takes it."""
        return f"-{self.path}" if self.descending else self.path

    def equal(self, value: Any) -> Q:
        """Rows that tie with ``value``."""
        return Q(**{f"{self.path}__isnull": True}) if value is None else Q(**{self.path: value})

    def beyond(self, value: Any) -> Iterator[Q]:
        """Ranges that come after ``value``, in order."""
        if value is None:
            if self.descending:
                yield Q(**{f"{self.path}__isnull": False})
            return
        yield Q(**{f"{self.path}__{'lt' if self.descending else 'gt'}": value})
        if self.nullable and not self.descending:
            yield Q(**{f"{self.path}__isnull": True})

    def read(self, row: Model) -> Any:
        """Return the row's value."""
        value: Any = row
        for name in self.path.split(LOOKUP_SEP):
            value = getattr(value, name) if value is not None else None
        return value


class _RowBeyond(Func):
    """``(a, b) < (x, y)``: one range of an index, where OR-ed conditions are 200 times slower."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, *expressions: Any, descending: bool = False) -> None:
        super().__init__(*expressions)
        self.operator = "<" if descending else ">"

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **extra_context: Any) -> Any:  # noqa: ARG002 - it takes no template
        parts = [compiler.compile(each) for each in self.source_expressions]
        half = len(parts) // 2
        left, right = (", ".join(sql for sql, _ in side) for side in (parts[:half], parts[half:]))
        return f"({left}) {self.operator} ({right})", tuple(p for _, args in parts for p in args)


@dataclass(frozen=True, slots=True)
class Order:
    """A total order of a model's rows, the last key unique."""

    keys: tuple[Key, ...]

    @classmethod
    def of(cls, model: type[Model], names: Sequence[str]) -> "Order":
        """Read ``("-due_date", "number")``; the primary key is appended in the last direction."""
        keys = [_key(model, name) for name in names]
        if not keys or not _is_total(model, keys[-1]):
            last = keys[-1].descending if keys else True
            keys.append(_key(model, "-pk" if last else "pk"))
        return cls(tuple(keys))

    def reversed(self) -> "Order":
        """Return the order read backward."""
        return Order(tuple(key.reversed() for key in self.keys))

    def order_by(self) -> tuple[str, ...]:
        """Return the order as ``QuerySet.order_by`` takes it."""
        return tuple(key.order_by() for key in self.keys)

    def read(self, row: Model) -> list[Any]:
        """Return the row's value of each key."""
        return [key.read(row) for key in self.keys]

    def after(self, values: Sequence[Any]) -> Iterator[Q | _RowBeyond]:
        """Disjoint ranges that together hold every row after ``values``, in page order.

        Each is one range of an index on the order's columns. The longest tail of keys in one
        direction is compared as a row; a nullable key may only lead that tail. A value that is
        not null may be given as an expression.
        """
        start = self._tail(values)
        yield self._ties(start, values) & self._row(start, values)
        for place in range(start if self._null_follows(start, values) else start - 1, -1, -1):
            for part in self._beyond(place, start, values):
                yield self._ties(place, values) & part

    def _beyond(self, place: int, start: int, values: Sequence[Any]) -> Iterator[Q]:
        parts = list(self.keys[place].beyond(values[place]))
        yield from parts[1:] if place == start else parts

    def _tail(self, values: Sequence[Any]) -> int:
        start = len(self.keys) - 1
        while start > 0:
            key, before = self.keys[start], self.keys[start - 1]
            ends = key.nullable or before.descending != key.descending
            if ends or values[start - 1] is None:
                break
            start -= 1
        return start

    def _null_follows(self, start: int, values: Sequence[Any]) -> bool:
        key = self.keys[start]
        return key.nullable and not key.descending and values[start] is not None

    def _ties(self, end: int, values: Sequence[Any]) -> Q:
        ties = Q()
        for key, value in zip(self.keys[:end], values[:end], strict=True):
            ties &= key.equal(value)
        return ties

    def _row(self, start: int, values: Sequence[Any]) -> Q:
        keys, bounds = self.keys[start:], values[start:]
        if len(keys) == 1:
            return next(keys[0].beyond(bounds[0]))
        columns = [F(key.path) for key in keys]
        limits = [
            value if isinstance(value, Expression) else Value(value, key.field)
            for key, value in zip(keys, bounds, strict=True)
        ]
        # The row's comparison implies the bound on its first column, but not to the planner, who
        # opens only the partitions and chooses the index that the bound names.
        bound = Q(**{f"{keys[0].path}__{'lte' if keys[0].descending else 'gte'}": bounds[0]})
        return bound & Q(_RowBeyond(*columns, *limits, descending=keys[0].descending))


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Some rows in order, and the cursors of the pages on either side (None at the ends)."""

    rows: list[R]
    previous: str | None
    next: str | None


@dataclass(frozen=True, slots=True)
class Query(Generic[R]):
    """What is paged through: rows, their order, and how a row's place in it is read.

    ``name`` names the list, its filters and its order: a cursor of another query is refused.
    Rows are what the queryset holds, unless ``fetch`` reads them; then ``read`` knows them.
    ``beyond`` does what ``after`` does, where that is known to be cheaper.
    """

    rows: "QuerySet[Any, Any]"
    order: Order
    name: str = ""
    read: Callable[[R], Sequence[Any]] | None = None
    fetch: "Callable[[QuerySet[Any, Any]], Iterable[R]]" = iter
    beyond: "Callable[[Order, Sequence[Any], int], list[R]] | None" = None

    def after(self, values: Sequence[Any], limit: int, *, backward: bool = False) -> list[R]:
        """Return at most ``limit`` rows after (or, backward, before) a place, the nearest first.

        Queries: 1, and one more for each boundary of ties or nulls that is met.
        """
        way = self.order.reversed() if backward else self.order
        if self.beyond:
            return self.beyond(way, values, limit)
        found: list[R] = []
        for condition in way.after(values):
            some = self.rows.filter(condition).order_by(*way.order_by())
            found += self.fetch(some[: limit - len(found)])
            if len(found) == limit:
                break
        return found

    def first(self, limit: int) -> list[R]:
        """Return the first ``limit`` rows. Queries: 1."""
        return list(self.fetch(self.rows.order_by(*self.order.order_by())[:limit]))

    def place(self, row: R) -> Sequence[Any]:
        """Return the row's place in the order."""
        return self.read(row) if self.read else self.order.read(cast("Model", row))


def get_page(query: Query[R], *, limit: int, cursor: str | None = None) -> Page[R]:
    """Return the page at ``cursor``, or the first.

    Raises: BadCursor. Queries: 1, and one more for each boundary of ties or nulls the page meets.
    """
    if cursor is None:
        return _page(query.first(limit + 1), query, limit, backward=False, inner=False)
    backward, values = _decode(cursor, query)
    found = query.after(values, limit + 1, backward=backward)
    return _page(found, query, limit, backward=backward, inner=True)


def each_row(query: Query[R], *, chunk: int) -> Iterator[list[R]]:
    """Yield all rows in order, in chunks, each a query of its own: nothing is held between.

    Rows that are added, changed or deleted meanwhile may be met or not; no other is missed or
    met twice. Queries: 1 a chunk.
    """
    found = query.first(chunk)
    while found:
        yield found
        if len(found) < chunk:
            return
        found = query.after(query.place(found[-1]), chunk)


def count_rows(rows: "QuerySet[Any]") -> tuple[int, bool]:
    """Return how many rows there are, and whether that is exact.

    Unfiltered big tables are estimated; filtered ones are counted up to COUNT_AT_MOST.
    Queries: 1, or 2 for a small table.
    """
    if rows.query.where or rows.query.distinct or rows.query.combinator:
        counted = rows.order_by()[: COUNT_AT_MOST + 1].count()
        return min(counted, COUNT_AT_MOST), counted <= COUNT_AT_MOST
    estimate = estimated_rows(rows.model._meta.db_table, rows.db)
    return (rows.count(), True) if estimate < EXACT_COUNT_BELOW else (estimate, False)


def _page(found: list[R], query: Query[R], limit: int, *, backward: bool, inner: bool) -> Page[R]:
    more, rows = len(found) > limit, found[:limit]
    if backward:
        rows.reverse()
    before, after = (more, inner) if backward else (inner, more)
    return Page(
        rows,
        _encode(rows[0], query, backward=True) if rows and before else None,
        _encode(rows[-1], query, backward=False) if rows and after else None,
    )


def _key(model: type[Model], name: str) -> Key:
    path, at, nullable = name.lstrip("-"), model, False
    if path == "pk":
        path = model._meta.pk.name
    field: Any = None
    for part in path.split(LOOKUP_SEP):
        try:
            field = at._meta.get_field(part)
        except FieldDoesNotExist as error:
            raise Invalid(
                f"{name} is not an order of {model._meta.verbose_name_plural}."
            ) from error
        nullable = nullable or field.null
        at = field.related_model or at
    return Key(path, name.startswith("-"), nullable, field)


def _is_total(model: type[Model], key: Key) -> bool:
    """Whether no two rows tie on the key."""
    alone = [each.fields for each in model._meta.total_unique_constraints]
    unique = key.field.unique or (key.path,) in [tuple(fields) for fields in alone]
    return unique and not key.nullable and LOOKUP_SEP not in key.path


def _salt(query: Query[Any]) -> str:
    named = "|".join([query.name, *query.order.order_by()])
    return "paging:" + hashlib.sha256(named.encode()).hexdigest()[:16]


def _encode(row: R, query: Query[R], *, backward: bool) -> str:
    values = zip(query.order.keys, query.place(row), strict=True)
    texts = [None if value is None else _text(key.field, value) for key, value in values]
    return signing.dumps([int(backward), *texts], salt=_salt(query))


def _text(field: "Field[Any, Any]", value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(field.get_prep_value(value))


def _decode(cursor: str, query: Query[Any]) -> tuple[bool, list[Any]]:
    try:
        backward, *texts = signing.loads(cursor, salt=_salt(query))
        pairs = zip(query.order.keys, texts, strict=True)
        values = [None if text is None else key.field.to_python(text) for key, text in pairs]
    except (signing.BadSignature, ValidationError, ValueError) as error:
        raise BadCursor(
            "This page's address is no longer valid. Start from the first page.", field="cursor"
        ) from error
    return bool(backward), values
