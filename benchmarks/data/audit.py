"""Fills the trail with past months, as the audit triggers would have written it.

A month is copied into a table of its own, which then becomes a partition: that builds the
indexes and clones the triggers, as for a month that ``audit_make_partitions`` makes.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from psycopg import Connection, sql

from apps.core.acting import Source
from apps.core.ownership import as_owner
from benchmarks.data import shape
from benchmarks.data.connecting import Connect, connector
from benchmarks.data.rows import NULL
from benchmarks.data.taken_off import BUILD_MEMORY
from benchmarks.data.telling import Report, stage, to_terminal

MONTHS = 24
COLUMNS = ("at", "actor_id", "source", "request_id", "table", "row_id", "action", "changes")
BLOCK = 2_000  # Rows handed over at once.
RECENT = 0.03  # Of a table's rows: the part that still changes.
_DAY = 86_400
_YEAR = 365 * _DAY
_LONGEST_MONTH = 31

# How often a change comes through which door, in a hundred: work is done on the floor.
SOURCES = {
    Source.TASKS: 70,
    Source.ADMIN: 14,
    Source.WORKER: 6,
    Source.IMPORT: 5,
    Source.API: 2,
    Source.COMMAND: 2,
    Source.SQL: 1,
}
NOBODY = frozenset({Source.WORKER, Source.COMMAND, Source.SQL})  # Doors without an actor.


@dataclass(frozen=True, slots=True)
class Change:
    """A kind of change: how often it comes in a hundred, and its columns; ``#`` is some number."""

    often: int
    table: str
    action: str
    changes: str


CHANGES = (
    Change(18, "job_steps", "update", '{"status": ["ready", "in_progress"], "undo": [null, #]}'),
    Change(22, "job_steps", "update", '{"quantity_good": [#, 10#]}'),
    Change(18, "job_steps", "update", '{"status": ["in_progress", "completed"]}'),
    Change(16, "work_logs", "insert", '{"kind": [null, "run"], "user_id": [null, #]}'),
    Change(16, "work_logs", "update", '{"quantity_good": [0, #]}'),
    Change(4, "jobs", "update", '{"status": ["draft", "active"]}'),
    Change(2, "jobs", "update", '{"priority": [1, 2], "notes": ["", "Call # first."]}'),
    Change(2, "jobs", "insert", '{"quantity": [null, #], "status": [null, "draft"]}'),
    Change(1, "customers", "update", '{"phone": ["", "+49 30 555 #"]}'),
    Change(1, "attachments", "delete", '{"file_name": ["drawing-#.pdf", null]}'),
)


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the trail, and how many rows it gets; the rows of the present one end now."""

    starts: datetime
    ends: datetime
    now: datetime
    rows: int

    @property
    def is_present(self) -> bool:
        """Whether it is the month that now belongs to."""
        return self.ends == self.now

    @property
    def partition(self) -> str:
        """The name that ``audit_make_partitions`` would give it."""
        return f"audit_logs_{self.starts:%Y_%m}"


def fill_audit(
    rows: int, *, seed: str = "andon", now: datetime | None = None, report: Report = to_terminal
) -> None:
    """Write so many rows into this month and those before it, in order, as the trail's owner.

    Months that are there already are left alone, but for the present one, which grows.
    """
    with as_owner(), stage("the trail", report):
        connect = connector()
        with connect() as connection, ThreadPoolExecutor(1) as builder:
            keys = _keys(connection)
            building: list[Future[None]] = []
            for month in months(rows, now or datetime.now(UTC)):
                blocks = month_rows(Random(f"{seed} {month.partition}"), month, keys)  # noqa: S311
                with stage(f"{month.rows:,} rows of {month.starts:%B %Y}", report):
                    if month.is_present:
                        _copy(connection, sql.Identifier("audit_logs"), blocks)
                    elif not _is_partition(connection, month):
                        _make(connection, month, blocks)
                        building.append(builder.submit(_attach, connect, month))
            for each in building:
                each.result()
            connection.execute("VACUUM (ANALYZE) audit_logs")


def months(rows: int, now: datetime) -> list[Month]:
    """Return the months that end with the present one, oldest first, with even shares."""
    starts = [now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)]
    while len(starts) < MONTHS:
        starts.insert(0, (starts[0] - timedelta(days=1)).replace(day=1))
    ends = [*starts[1:], now]
    return [
        Month(start, end, now, rows * (number + 1) // MONTHS - rows * number // MONTHS)
        for number, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]


def month_rows(rng: Random, month: Month, keys: Mapping[str, int]) -> Iterator[str]:
    """Yield a month's rows in blocks, in order of time.

    ``keys`` are the highest of each table: what is changed is what was new at the time.
    """
    chance = rng.random
    doors = [door for door, often in SOURCES.items() for _ in range(often)]
    kinds = [change for change in CHANGES for _ in range(change.often)]
    seconds = (month.ends - month.starts).total_seconds()
    days = [f"{month.starts + timedelta(days=n):%Y-%m-%d}" for n in range(_LONGEST_MONTH)]
    times = [f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}" for s in range(_DAY)]
    age = (month.now - month.starts).total_seconds()
    history = shape.HISTORY_YEARS * _YEAR
    for first in range(0, month.rows, BLOCK):
        block = []
        for number in range(first, min(first + BLOCK, month.rows)):
            at = seconds * number / month.rows
            second = int(at)
            door, change = doors[int(chance() * 100)], kinds[int(chance() * 100)]
            actor = NULL if door in NOBODY else int(keys["users"] * chance()) + 1
            newest = keys[change.table] * (1 - (age - at) / history)
            row = int(newest * (1 - RECENT * chance())) + 1
            moment = f"{days[second // _DAY]} {times[second % _DAY]}.{int(at % 1 * 1e6):06}+00"
            block.append(
                f"{moment}\t{actor}\t{door}\t{rng.getrandbits(128):032x}\t{change.table}\t{row}\t{change.action}\t"
                f"{change.changes.replace('#', str(row % 997))}\n"
            )
        yield "".join(block)


def _keys(connection: Connection[Any]) -> dict[str, int]:
    """Return the highest key of each table whose changes are written."""
    tables = {"users", *(change.table for change in CHANGES)}
    highest = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT {}, coalesce(max(id), 1) FROM {}").format(table, sql.Identifier(table))
        for table in sorted(tables)
    )
    return dict(connection.execute(highest).fetchall())


def _is_partition(connection: Connection[Any], month: Month) -> bool:
    query = "SELECT FROM pg_inherits WHERE inhrelid = to_regclass(%s)"
    return bool(connection.execute(query, [month.partition]).rowcount)


def _make(connection: Connection[Any], month: Month, blocks: Iterator[str]) -> None:
    """Copy a past month's rows into a table of its own, which is not a partition yet."""
    table = sql.Identifier(month.partition)
    make = "CREATE TABLE {} (LIKE audit_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
    with connection.transaction():
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))  # Of a killed load.
        connection.execute(sql.SQL(make).format(table))
        _copy(connection, table, blocks, "WITH (FREEZE)")


def _copy(
    connection: Connection[Any], table: sql.Identifier, blocks: Iterator[str], how: str = ""
) -> None:
    columns = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
    query = sql.SQL("COPY {} ({}) FROM STDIN " + how).format(table, columns)
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        for block in blocks:
            copy.write(block)


def _attach(connect: Connect, month: Month) -> None:
    """Make a month's table a partition, with indexes and triggers as its siblings have."""
    attach = "ALTER TABLE audit_logs ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})"
    with connect() as connection, connection.transaction():
        connection.execute(sql.SQL("SET LOCAL maintenance_work_mem = {}").format(BUILD_MEMORY))
        connection.execute(
            sql.SQL(attach).format(
                sql.Identifier(month.partition), month.starts.isoformat(), month.ends.isoformat()
            )
        )
        connection.execute("SELECT audit_protect(%s::regclass)", [month.partition])
