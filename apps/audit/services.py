"""Keeping the trail's months: made ahead, dropped whole. Nothing here changes a row."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction
from psycopg.sql import SQL, Identifier

from apps.audit import selectors
from apps.audit.context import set_context
from apps.audit.errors import MonthKept

MONTHS_AHEAD = 12


def make_partitions() -> list[str]:
    """Make the coming months' partitions that are missing; return their names.

    What comes in a month that has none is kept too, in ``audit_logs_rest``.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_make_partitions(%s)", [MONTHS_AHEAD])
        return [str(name) for (name,) in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class DroppedMonth:
    """A month that has left the trail."""

    partition: str
    rows: int


@transaction.atomic
def drop_months(before: date) -> list[DroppedMonth]:
    """Drop every month that ended by ``before``, oldest first; the trail says so.

    As the tables' owner only. Raises: MonthKept, when ``before`` is later than this month.
    """
    if before > selectors.this_month():
        raise MonthKept("This month and those to come stay.", field="before")
    return [_drop(month) for month in selectors.months() if month.ends.date() <= before]


def _drop(month: selectors.Month) -> DroppedMonth:
    name = Identifier(month.partition)
    with connection.cursor() as cursor:
        cursor.execute(SQL("SELECT count(*) FROM {}").format(name))
        rows = int(cursor.fetchone()[0])
        set_context(cursor)
        cursor.execute(
            "INSERT INTO audit_logs"
            ' (actor_id, source, request_id, "table", row_id, action, changes)'
            " VALUES (nullif(current_setting('andon.actor', true), '')::bigint,"
            " coalesce(nullif(current_setting('andon.source', true), ''), 'sql'),"
            " coalesce(current_setting('andon.request_id', true), ''), 'audit_logs', %s, 'delete',"
            " jsonb_build_object('partition', jsonb_build_array(%s::text, NULL),"
            " 'rows', jsonb_build_array(%s::bigint, NULL)))",
            [_number(month.starts), month.partition, rows],
        )
        cursor.execute(SQL("ALTER TABLE audit_logs DETACH PARTITION {}").format(name))
        cursor.execute(SQL("DROP TABLE {}").format(name))
    return DroppedMonth(month.partition, rows)


def _number(starts: datetime) -> int:
    """Return a month as the key its row in the trail has: 202611."""
    return starts.year * 100 + starts.month
