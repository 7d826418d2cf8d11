"""The database backend, for ``ENGINE``."""

import select
import sys
from typing import Any, Self

from django.db.backends.postgresql import base, operations
from psycopg import Connection, Cursor, OperationalError
from psycopg.abc import Params
from psycopg_pool import ConnectionPool


class PreparedCursor(Cursor[Any]):
    """A cursor whose statements the server keeps prepared on its connection."""

    def execute(self, query: Any, params: Params | None = None, **options: Any) -> Self:
        """Execute a statement; its parameters travel beside it."""
        return super().execute(query, params, **{**options, "prepare": True})


class DatabaseOperations(operations.DatabaseOperations):
    """Django's own, but for what it says of a prepared statement to who looks at queries."""

    def last_executed_query(self, cursor: Any, sql: str, params: Any) -> str:
        """Return the statement with its values in it; psycopg keeps none that is prepared."""
        said: str | None = super().last_executed_query(cursor, sql, params)
        return str(self.compose_sql(sql, params)) if said is None else said


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, but for how a pooled connection is checked before it is used.

    Django has the pool ask the server each time, which is a tenth of a small answer's processor
    time. A server that is gone has closed its end, and that can be seen here: a quiet connection
    has nothing to be read. One that has is asked.
    """

    ops_class = DatabaseOperations

    def prepared_cursor(self) -> Any:
        """Return a cursor whose statements the server plans once a connection.

        For one of many joins, read often: its planning costs more than what it finds. The plan is
        for any parameters, as ``plan_cache_mode`` of ``config.components.database`` has it.
        Source: PostgreSQL manual, ``PREPARE``.
        """
        self.ensure_connection()
        self.connection.prepare_threshold = sys.maxsize  # None, as Django has it, refuses us too.
        with self.wrap_database_errors:
            return self._prepare_cursor(PreparedCursor(self.connection))  # type: ignore[attr-defined]  # Django's own

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection that answers."""
        connection = super().get_new_connection(conn_params)
        while self.pool and not is_alive(connection):
            connection.close()
            self.pool.putconn(connection)  # Which makes another in its place.
            connection = super().get_new_connection(conn_params)
        return connection


def is_alive(connection: Connection[Any]) -> bool:
    """Whether the server can still be spoken to."""
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if not waiting.poll(0):
        return True
    try:
        ConnectionPool.check_connection(connection)
    except OperationalError:
        return False
    return True
