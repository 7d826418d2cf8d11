"""Keeping the counters: counted anew, checked against the rows, and moved to another zone."""

import logging

from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from apps.counters.counting import COLUMNS, ZONE, differences
from apps.counters.errors import AtWork
from apps.counters.folding import LOCK, fold
from apps.counters.models import CounterDelta, CounterState, CounterSum
from apps.counters.selectors import Difference, declared, find_differences

logger = logging.getLogger(__name__)

# Shorter than PostgreSQL's deadlock_timeout, so that it is never a writer who is ended for us.
PATIENCE = "700ms"
BLOATED = 1_048_576  # Bytes of the deltas' table: all of it is read for every answer.
SHOWN = 20  # Differences told one by one.
_REBUILDING = "hashtextextended('andon.counters.rebuild', 0)"
_ONE_AT_A_TIME = f"SELECT pg_advisory_xact_lock({_REBUILDING})"
_IF_ALONE = f"SELECT pg_try_advisory_xact_lock({_REBUILDING})"


def rebuild() -> int:
    """Have every counter say what the rows say; return how many keys did not.

    Nobody waits: what a counter lacks is found in one statement and added as one more delta, so
    that changes committed meanwhile count as ever. Counters no longer declared leave.

    Locks: another rebuild, until commit.
    """
    with transaction.atomic():
        _take_time()
        added = _add_differences(by_day_alone=False)
        _drop_undeclared()
    fold()
    return added


def _add_differences(*, by_day_alone: bool) -> int:
    added = 0
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME)  # Two would each add what is missing.
        for counter, table in declared().items():
            if counter.is_by_day or not by_day_alone:
                missing = differences(counter, table)
                cursor.execute(f"INSERT INTO counter_deltas ({COLUMNS}) {missing}")
                added += cursor.rowcount
    return added


def _drop_undeclared() -> None:
    names = [counter.name for counter in declared()]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
    CounterDelta.objects.exclude(counter__in=names).delete()
    CounterSum.objects.exclude(counter__in=names)._raw_delete(CounterSum.objects.db)


def _take_time() -> None:
    """Let the statements of this transaction read whole tables."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")


def verify() -> list[Difference]:
    """Compare every counter with the rows, at one moment; write down and return what differs.

    Differences are logged as errors: a counter that is wrong is a fault of ours, or rows were
    changed with triggers switched off. ``rebuild`` puts it right.
    """
    with transaction.atomic():
        _take_time()
        found = find_differences()
    for each in found[:SHOWN]:
        logger.error("A counter is wrong: %s", each)
    if found:
        logger.error("%s keys of counters are wrong: `manage.py rebuild_counters`", len(found))
    values = {"checked_at": timezone.now(), "differences": len(found)}
    CounterState.objects.update_or_create(pk=CounterState.ONLY, defaults=values)
    return found


def tidy() -> None:
    """Fold, and give back the room that folded deltas took, which no transaction can."""
    fold()
    drop_old_days()
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size('counter_deltas')")
        if cursor.fetchone()[0] > BLOATED:
            cursor.execute("VACUUM counter_deltas")


@transaction.atomic
def drop_old_days() -> None:
    """Drop the sums of days that are told no more, where only recent ones are."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
        for counter in declared():
            if counter.recent_days is not None:
                old = f"counter = '{counter.name}' AND NOT ({counter.is_told(ZONE)})"
                cursor.execute(f"DELETE FROM counter_sums WHERE {old}")  # noqa: S608 - ours


@transaction.atomic
def set_time_zone(name: str) -> None:
    """Count by the days and months of another zone from now on, and all there is as well.

    Raises: AtWork.
    Locks:  the tables whose rows are counted by day, against writers, until commit.
    """
    state = CounterState.objects.filter(pk=CounterState.ONLY).first()
    if name == (state.time_zone if state else "UTC"):
        return
    tables = sorted({table for counter, table in declared().items() if counter.is_by_day})
    _lock(tables)
    CounterState.objects.update_or_create(pk=CounterState.ONLY, defaults={"time_zone": name})
    _take_time()
    _add_differences(by_day_alone=True)


def _lock(tables: list[str]) -> None:
    """Keep writers out: one who counted by the old zone has committed, others count by the new.

    Raises: AtWork, while somebody writes, or rebuilds: writers shall not wait for that.
    """
    with connection.cursor() as cursor:
        cursor.execute(_IF_ALONE)
        if not cursor.fetchone()[0]:
            raise AtWork("The counters are being rebuilt: try again when they are.")
        cursor.execute("SELECT current_setting('lock_timeout')")
        (usual,) = cursor.fetchone()
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
        try:
            cursor.execute(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE")
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise AtWork("Somebody is writing at this moment: try again.") from error
            raise
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [usual])
