"""Is everything there that a request needs?"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from celery import current_app
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

PATIENCE = 3  # Seconds for a connection: the pool's own patience outlasts who asks.


def check_readiness() -> dict[str, str | None]:
    """Return each check's fault, or None: database, migrations, cache, broker."""
    database = _fault(_database)
    return {
        "database": database,
        "migrations": "not known without the database" if database else _fault(_migrations),
        "cache": _fault(_cache),
        "broker": _fault(_broker),
    }


def _fault(check: Callable[[], str | None]) -> str | None:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - whatever is wrong is the answer
        return type(error).__name__


@dataclass(frozen=True, slots=True)
class Answered:
    """How long a connection was waited for, and then an answer: in milliseconds."""

    acquired_ms: float
    answered_ms: float


def ask_database() -> Answered:
    """Ask the database for nothing much, over another connection of the pool if there is one.

    Raises: OperationalError.
    """
    with connection.wrap_database_errors:  # The pool speaks psycopg.
        return _ask()


def _database() -> None:
    _ask()


def _ask() -> Answered:
    began = time.perf_counter()
    with _ready_connection() as ready:
        acquired = time.perf_counter()
        ready.execute("SELECT 1")
        answered = time.perf_counter()
    return Answered((acquired - began) * 1_000, (answered - acquired) * 1_000)


@contextmanager
def _ready_connection() -> Iterator[Any]:
    pool = pool_of_process()
    if pool is None:
        with connection.cursor() as cursor:
            yield cursor
        return
    pool.open()
    with pool.connection(timeout=PATIENCE) as pooled:
        yield pooled


def pool_of_process() -> Any:
    """Return this process' pool of connections; None where it keeps none."""
    return connection.pool  # type: ignore[attr-defined]  # PostgreSQL's wrapper has it.


def _migrations() -> str | None:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(plan)} not applied" if plan else None


def _cache() -> str | None:
    token = uuid4().hex
    cache.set("health", token, timeout=10)
    return None if cache.get("health") == token else "does not keep what it is given"


def _broker() -> None:
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=0)
