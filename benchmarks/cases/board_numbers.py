"""The board's numbers, not cached: counters beside counting, a row by its key, a small shop."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from django.db import connection

from apps.accounts.counters import USERS_BY_ROLE
from apps.counters.selectors import read
from apps.dashboards.reckoning import late_parts, total
from apps.jobs.counters import JOBS_BY_STATUS, STEPS_BY_STATUS
from apps.jobs.states import JOB_CAN_BE_LATE
from apps.machines.counters import MACHINES_BY_STATUS
from apps.shop.selectors import today
from benchmarks.bench import Bench, Figures, Task
from benchmarks.table import Goal, Line, at_most, milliseconds
from benchmarks.work import Work

NUMBER = "P1"
CASE = __name__.rpartition(".")[2]
COUNTERS, COUNTED, A_ROW = "counters", "counted", "a row by its key"

# What the counters tell, as one would count it: each table is read once.
_COUNT = """
    WITH j AS (
        SELECT count(*) FILTER (WHERE status = 'draft') AS draft,
               count(*) FILTER (WHERE status = 'active') AS active,
               count(*) FILTER (WHERE status = 'on_hold') AS on_hold,
               count(*) FILTER (WHERE status = 'completed') AS completed,
               count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
               count(*) FILTER (WHERE status = ANY(%(late)s) AND due_date < %(today)s) AS late
        FROM jobs
    ), s AS (
        SELECT count(*) FILTER (WHERE status = 'pending') AS pending,
               count(*) FILTER (WHERE status = 'ready') AS ready,
               count(*) FILTER (WHERE status = 'in_progress') AS in_progress,
               count(*) FILTER (WHERE status = 'paused') AS paused,
               count(*) FILTER (WHERE status = 'completed') AS done,
               count(*) FILTER (WHERE status = 'skipped') AS skipped
        FROM job_steps
    ), m AS (
        SELECT count(*) FILTER (WHERE is_active AND status = 'idle') AS idle,
               count(*) FILTER (WHERE is_active AND status = 'running') AS running,
               count(*) FILTER (WHERE is_active AND status = 'down') AS down
        FROM machines
    ), u AS (
        SELECT count(*) FILTER (WHERE is_active) AS people FROM users
    )
    SELECT * FROM j, s, m, u
"""
_JOBS = ("draft", "active", "on_hold", "completed", "cancelled")
_STEPS = ("pending", "ready", "in_progress", "paused", "completed", "skipped")
_MACHINES = ("idle", "running", "down")


def by_counters() -> tuple[int, ...]:
    """Return the numbers from the counters."""
    late = late_parts(today())
    found = read(JOBS_BY_STATUS, *late, STEPS_BY_STATUS, MACHINES_BY_STATUS, USERS_BY_ROLE)
    people = found[USERS_BY_ROLE].items()
    return (
        *(found[JOBS_BY_STATUS][(each,)].count for each in _JOBS),
        total(found, late),
        *(found[STEPS_BY_STATUS][(each,)].count for each in _STEPS),
        *(found[MACHINES_BY_STATUS][True, each].count for each in _MACHINES),
        sum(amounts.count for (_role, is_active), amounts in people if is_active),
    )


def by_counting() -> tuple[int, ...]:
    """Return the same numbers from the rows."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"late": list(JOB_CAN_BE_LATE), "today": today()})
        found: tuple[int, ...] = cursor.fetchone()
    return found


def counters() -> Work:
    """The numbers from the counters. Raises: ValueError where they are not those of the rows."""
    told, counted = by_counters(), by_counting()
    if told != counted:
        raise ValueError(f"The counters tell {told}, and there are {counted}.")
    return Work(do=by_counters)


def counted() -> Work:
    """The numbers from the rows."""
    return Work(do=by_counting)


def a_row() -> Work:
    """A job's number by its key: the least that can be asked of an index."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM jobs")
        key = cursor.fetchone()[0]

    def do() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT number FROM jobs WHERE id = %s", [key])
            return cursor.fetchone()

    return Work(do=do)


WORKS: Mapping[str, Callable[[], Work]] = MappingProxyType(
    {COUNTERS: counters, COUNTED: counted, A_ROW: a_row}
)


def lines(bench: Bench) -> Iterator[Line]:
    """Compare the SQL of the counters with a row's, with their own of 10,000 jobs, and counting."""
    small, full, row = bench.measure(
        Task("andon", bench.small, CASE, COUNTERS),
        Task("andon", bench.full, CASE, COUNTERS),
        Task("andon", bench.full, CASE, A_ROW),
    )
    # Apart: a read of all rows leaves the processor's caches to nobody.
    counted_small, counted_full = bench.measure(
        Task("andon", bench.small, CASE, COUNTED),
        Task("andon", bench.full, CASE, COUNTED),
    )
    yield _line(full, row, "×", "a row by its key", at_most(2))
    yield _line(full, small, "×", "itself at the small size", at_most(1.2))
    yield _line(counted_full, full, "times less", "than COUNT … FILTER", None)
    yield _line(counted_small, small, "times less", "than COUNT … FILTER, at the small size", None)


def _line(one: Figures, other: Figures, unit: str, than: str, goal: Goal | None) -> Line:
    seen = f"{milliseconds(one.sql)}, {one.queries} queries; {milliseconds(other.sql)}"
    return Line(
        NUMBER, "the board's numbers, not cached: SQL", one.sql / other.sql, unit, than, goal, seen
    )
