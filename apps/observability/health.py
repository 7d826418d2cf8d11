"""Is everything there that a request needs?"""

from collections.abc import Callable
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


def _database() -> None:
    pool = connection.pool  # type: ignore[attr-defined]  # PostgreSQL's wrapper has it.
    if pool is None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return
    pool.open()
    with pool.connection(timeout=PATIENCE) as pooled:
        pooled.execute("SELECT 1")


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
