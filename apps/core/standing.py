"""Questions whose words never change: compiled once a process, planned once a connection."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Field, Func, QuerySet, Value
from django.utils.functional import cached_property

Sql = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Mark:
    """Stands in a compiled statement for a value that is told when it is asked.

    Nothing looks at the value before PostgreSQL does: who tells a key sees that it can be one.
    """

    name: Any


def marked(name: str | int) -> Value:
    """Return what a queryset is filtered by where a mark shall stand."""
    return Value(Mark(name), Field())


def is_one_of(path: str, name: str) -> Func:
    """Return the condition that a key is among those of a list, for which a mark stands."""
    return Func(
        F(path),
        marked(name),
        template="%(expressions)s::bigint[])",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )


def ask_again(sql: str, params: Any = None) -> list[Any]:
    """Return the rows of a statement that is asked in the same words each time. Queries: 1."""
    prepared: Any = connection  # Our backend's.
    with prepared.prepared_cursor() as cursor:
        cursor.execute(sql, params)
        found: list[Any] = cursor.fetchall()
    return found


class Standing:
    """Reads ``values_list`` rows of one queryset, again and again.

    ``rows`` makes it, when it is first asked for. Values come as the driver reads them.
    """

    def __init__(self, rows: Callable[[], QuerySet[Any, Any]]) -> None:
        self._rows = rows

    @cached_property
    def _statement(self) -> Sql:
        compiled: Sql = self._rows().query.sql_with_params()
        return compiled

    def __call__(self) -> list[tuple[Any, ...]]:
        """Return the rows of now. Queries: 1."""
        return ask_again(*self._statement)
