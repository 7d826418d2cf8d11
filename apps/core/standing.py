"""Questions whose words never change: compiled once a process, planned once a connection."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.functional import cached_property

from apps.core.together import Sql


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
        prepared: Any = connection  # Our backend's.
        with prepared.prepared_cursor() as cursor:
            cursor.execute(*self._statement)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
