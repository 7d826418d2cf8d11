"""Reading rows as they are told: one statement, in which only the choice of rows is compiled.

What a list tells never changes, so its columns and joins are compiled once. Which rows a request
may see and asks for is a query of keys, small to compile, inside it. Values come as JSON has them:
no instant is parsed to be printed again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from psycopg.adapt import Buffer, Loader
from psycopg.pq import Format
from psycopg.types.string import TextLoader

from apps.core.paging import Order
from apps.core.standing import Mark, marked

Rows = QuerySet[Any, Any]
Values = tuple[Any, ...]
# Stands for the keys in the compiled statement; no key is negative.
PLACE, EQUALS = -1, " = %s"
_KEYS = "SELECT unnest(%s::bigint[])"  # That are known.
STATEMENTS_AT_MOST = 256
UTC_TAIL = "+00"
WHOLE_SECONDS, MICROSECONDS = len("2026-01-01 00:00:00+00"), len("2026-01-01 00:00:00.000000")


class _Instant(Loader):
    """An instant as ISO 8601 in UTC, in which every connection of ours speaks."""

    format = Format.TEXT

    def load(self, data: Buffer) -> str:
        text = str(data, "utf-8")
        if not text.endswith(UTC_TAIL):  # Before our era, or a connection in another zone.
            raise ValueError(f"{text} is not told in UTC.")
        if len(text) > WHOLE_SECONDS:  # PostgreSQL leaves out zeros at the end of a fraction.
            text = f"{text[:-3].ljust(MICROSECONDS, '0')}{UTC_TAIL}"
        return f"{text[:10]}T{text[11:-3]}Z"


class _Json(Loader):
    """JSON as it lies there."""

    format = Format.TEXT

    def load(self, data: Buffer) -> orjson.Fragment:
        return orjson.Fragment(bytes(data))


# Days and decimals are told as PostgreSQL writes them.
LOADERS: tuple[tuple[str, type[Loader]], ...] = (
    ("date", TextLoader),
    ("numeric", TextLoader),
    ("timestamptz", _Instant),
    ("json", _Json),
    ("jsonb", _Json),
)


@dataclass(frozen=True, slots=True)
class _Statement:
    """A compiled statement around the place where the keys are chosen."""

    head: str
    tail: str
    before: Values
    after: Values


class Fetch:
    """Reads chosen rows of a model.

    ``source`` has what is told besides columns (annotations); it chooses nothing. Compiled
    statements are kept: there is one for each order and each set of fields that is asked for.
    """

    def __init__(self, source: Rows) -> None:
        self._source = source
        self._statement = lru_cache(maxsize=STATEMENTS_AT_MOST)(self._compile)
        self._first_of_all = lru_cache(maxsize=STATEMENTS_AT_MOST)(self._compile_first)
        self._ranges = lru_cache(maxsize=STATEMENTS_AT_MOST)(self._compile_ranges)

    def __call__(self, chosen: Rows, paths: Sequence[str]) -> list[Values]:
        """Return the paths' values of the chosen rows, in their order.

        Days, decimals and instants come as text, JSON as a fragment. Queries: 1 at most.
        """
        query = chosen.query
        statement = self._statement(tuple(paths), tuple(query.order_by))
        if are_all(chosen):
            first = self._first_of_all(tuple(query.order_by), query.low_mark, query.high_mark)
            return _read_again(statement, *first)
        try:
            keys, params = chosen.values("pk").query.sql_with_params()
        except EmptyResultSet:  # Nothing can match: it is known without asking.
            return []
        with connection.cursor() as cursor:
            return _read(cursor, statement, keys, params)

    def of_keys(self, keys: Sequence[int], chosen: Rows, paths: Sequence[str]) -> list[Values]:
        """Return the paths' values of the rows with some keys, in the order of ``chosen``.

        Nothing is compiled. Queries: 1.
        """
        statement = self._statement(tuple(paths), tuple(chosen.query.order_by))
        return _read_again(statement, _KEYS, ([*keys],))

    def after(
        self, order: Order, values: Sequence[Any], limit: int, paths: Sequence[str]
    ) -> list[Values]:
        """Return the paths' values of at most ``limit`` of all rows after a place in an order.

        Nothing is compiled. Queries: 1, and one more for each boundary of ties or nulls.
        """
        statement = self._statement(tuple(paths), order.order_by())
        bounds = [
            key.field.get_db_prep_value(value, connection)
            for key, value in zip(order.keys, values, strict=True)
        ]
        found: list[Values] = []
        for keys, marks in self._ranges(order, tuple(value is None for value in values)):
            params = tuple(bounds[mark.name] for mark in marks)
            found += _read_again(statement, f"{keys} LIMIT {limit - len(found)}", params)
            if len(found) == limit:
                break
        return found

    def _compile_ranges(
        self, order: Order, nulls: tuple[bool, ...]
    ) -> list[tuple[str, tuple[Mark, ...]]]:
        """Return the statement of each range after a place, whose bounds are marked by number."""
        marks = [None if null else marked(key) for key, null in enumerate(nulls)]
        rows = self._source.model._base_manager.order_by(*order.order_by()).values("pk")
        return [rows.filter(each).query.sql_with_params() for each in order.after(marks)]

    def _compile_first(
        self, order_by: tuple[str, ...], low: int, high: int | None
    ) -> tuple[str, Values]:
        """Do it for the first of all rows, which is asked most: it is the same each time."""
        rows = self._source.model._base_manager.order_by(*order_by)[low:high]
        compiled: tuple[str, Values] = rows.values("pk").query.sql_with_params()
        return compiled

    def _compile(self, paths: tuple[str, ...], order_by: tuple[str, ...]) -> _Statement:
        rows = self._source.filter(pk=PLACE).order_by(*order_by).values_list(*paths)
        sql, params = rows.query.sql_with_params()
        head, _, tail = sql.partition(EQUALS)
        place = params.index(PLACE)
        if head.count("%s") != place:
            raise ValueError(f"{self._source.model.__name__}: the keys have no place in {sql}")
        return _Statement(f"{head} = ANY(ARRAY(", f")){tail}", params[:place], params[place + 1 :])


def are_all(rows: Rows) -> bool:
    """Whether the rows are those of the whole table, or the first of them."""
    query = rows.query
    return not (query.where or query.annotations or query.distinct or query.combinator)


def _read_again(statement: _Statement, keys: str, params: Values) -> list[Values]:
    """Read what is asked in the same words each time: it is planned once a connection."""
    prepared: Any = connection  # Our backend's.
    with prepared.prepared_cursor() as cursor:
        return _read(cursor, statement, keys, params)


def _read(cursor: Any, statement: _Statement, keys: str, params: Values) -> list[Values]:
    for name, loader in LOADERS:
        cursor.cursor.adapters.register_loader(name, loader)
    cursor.execute(
        f"{statement.head}{keys}{statement.tail}", (*statement.before, *params, *statement.after)
    )
    found: list[Values] = cursor.fetchall()
    return found
