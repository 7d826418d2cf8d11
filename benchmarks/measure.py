"""What one call costs: time, processor time, time in SQL, and queries."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from django.db import connection


@dataclass(frozen=True, slots=True)
class Sample:
    """One call; times in seconds. ``cpu`` is this process' own, without the database's."""

    wall: float
    cpu: float
    sql: float
    queries: int

    def as_dict(self) -> dict[str, Any]:
        """Return it as a worker sends it."""
        return asdict(self)


class Meter:
    """Counts the queries of this process' one connection, and the time it waits for psycopg."""

    def __init__(self) -> None:
        self.queries = 0
        self.sql = 0.0
        self._depth = 0

    def install(self) -> None:
        """Begin to listen: to Django for queries, to psycopg for time.

        Every answer of the server comes through ``Connection.wait``, those to BEGIN, COMMIT and
        the pool's check too, which Django tells nobody about.
        """
        connection.execute_wrappers.append(self._count)
        wait: Callable[..., Any] = psycopg.Connection.wait

        def timed(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            self._depth += 1
            try:
                return wait(*args, **kwargs)
            finally:
                self._depth -= 1
                if not self._depth:
                    self.sql += time.perf_counter() - began

        psycopg.Connection.wait = timed  # type: ignore[method-assign]

    def sample(self, call: Callable[[], object]) -> Sample:
        """Call, and return what it cost."""
        queries, sql = self.queries, self.sql
        cpu, wall = time.process_time(), time.perf_counter()
        call()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        return Sample(wall, cpu, self.sql - sql, self.queries - queries)

    def _count(self, execute: Callable[..., Any], *query: Any) -> Any:
        self.queries += 1
        return execute(*query)
