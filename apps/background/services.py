"""Housekeeping: what keeps the database small and its planner informed."""

from typing import Any

from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from apps.background.idempotency import KEPT_FOR
from apps.background.models import IdempotencyKey

BATCH = 10_000


def clear_sessions() -> int:
    """Delete expired sessions, a batch a transaction; return how many."""
    return _delete(Session.objects.filter(expire_date__lt=timezone.now()))


def clear_idempotency_keys() -> int:
    """Delete the answers that nobody is given again, a batch a transaction; return how many.

    Uses index: idx_idempotency_keys_created.
    """
    return _delete(IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT_FOR))


def _delete(rows: QuerySet[Any]) -> int:
    model, cleared = rows.model, 0
    while True:
        deleted: int = model._default_manager.filter(pk__in=rows.values("pk")[:BATCH]).delete()[0]
        cleared += deleted
        if deleted < BATCH:
            return cleared


def analyze_tables() -> list[str]:
    """Refresh the statistics of tables that changed by a tenth since they were last analysed.

    Estimated counts and plans rest on them. Returns the tables' names.
    Source: PostgreSQL manual, ``pg_stat_user_tables.n_mod_since_analyze``.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_stat_user_tables WHERE schemaname = current_schema()"
            " AND n_mod_since_analyze > 100 + 0.1 * n_live_tup ORDER BY relname"
        )
        tables = [str(row[0]) for row in cursor.fetchall()]
        for table in tables:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")
    return tables
