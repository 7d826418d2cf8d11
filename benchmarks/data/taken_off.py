"""Takes indexes, foreign keys and triggers off tables for a load, and puts them back as they were.

What is taken off is written down in the database, in the same transaction, as the statements
that put it back, and struck out as they run: a load that was killed is known by what is written
there, and the next one goes on with it. Primary keys, CHECK and exclusion constraints stay.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

from psycopg import Connection

from benchmarks.data.connecting import Connect
from benchmarks.data.telling import Report, told

BUILDERS = 2  # Connections that build at once, each on one core.
BUILD_MEMORY = "1GB"
LASTING = 5.0  # Seconds: what took longer is told.

_STRIKE_OUT = "DELETE FROM benchmark_taken_off WHERE id = %s"
INDEXES, CONSTRAINTS, FOREIGN_KEYS, VALIDATION, TRIGGERS = range(5)  # In the order of putting back.

# Finds what is on the tables, stage by stage: the table, and how each thing is taken off (null: by
# an earlier row's statement) and put back.
_FIND = (
    # A unique constraint is put back as an index first, since that can be built beside others.
    (
        INDEXES,
        """
        SELECT conrelid,
               'ALTER TABLE ' || conrelid::regclass || ' DROP CONSTRAINT ' || quote_ident(conname),
               pg_get_indexdef(conindid)
        FROM pg_constraint
        WHERE contype = 'u' AND NOT condeferrable AND conrelid = ANY(%s::regclass[])
        """,
    ),
    (
        CONSTRAINTS,
        """
        SELECT conrelid, null, 'ALTER TABLE ' || conrelid::regclass || ' ADD CONSTRAINT '
               || quote_ident(conname) || ' UNIQUE USING INDEX ' || quote_ident(conname)
        FROM pg_constraint
        WHERE contype = 'u' AND NOT condeferrable AND conrelid = ANY(%s::regclass[])
        """,
    ),
    (
        INDEXES,
        """
        SELECT indrelid, 'DROP INDEX ' || indexrelid::regclass, pg_get_indexdef(indexrelid)
        FROM pg_index
        WHERE indrelid = ANY(%s::regclass[])
          AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid
                          AND contype IN ('p', 'u', 'x'))
          -- Of a list of values in its condition PostgreSQL would say another cast afterwards.
          AND coalesce(pg_get_expr(indpred, indrelid), '') NOT LIKE '%%ARRAY[%%'
        """,
    ),
    (
        FOREIGN_KEYS,
        """
        SELECT conrelid,
               'ALTER TABLE ' || conrelid::regclass || ' DROP CONSTRAINT ' || quote_ident(conname),
               'ALTER TABLE ' || conrelid::regclass || ' ADD CONSTRAINT ' || quote_ident(conname)
               || ' ' || pg_get_constraintdef(oid)
               || CASE WHEN convalidated THEN ' NOT VALID' ELSE '' END
        FROM pg_constraint
        WHERE contype = 'f' AND %s::regclass[] && ARRAY[conrelid, confrelid]::regclass[]
        """,
    ),
    # Validated apart: that locks less, so that two tables can be validated side by side.
    (
        VALIDATION,
        """
        SELECT conrelid, null, 'ALTER TABLE ' || conrelid::regclass || ' VALIDATE CONSTRAINT '
               || quote_ident(conname)
        FROM pg_constraint
        WHERE contype = 'f' AND convalidated
          AND %s::regclass[] && ARRAY[conrelid, confrelid]::regclass[]
        """,
    ),
    (
        TRIGGERS,
        """
        SELECT tgrelid,
               'ALTER TABLE ' || tgrelid::regclass || ' DISABLE TRIGGER ' || quote_ident(tgname),
               'ALTER TABLE ' || tgrelid::regclass || ' ENABLE '
               || CASE tgenabled WHEN 'A' THEN 'ALWAYS ' WHEN 'R' THEN 'REPLICA ' ELSE '' END
               || 'TRIGGER ' || quote_ident(tgname)
        FROM pg_trigger
        WHERE NOT tgisinternal AND tgenabled <> 'D' AND tgrelid = ANY(%s::regclass[])
        """,
    ),
)


@dataclass(frozen=True, slots=True)
class _Piece:
    """One statement that puts something back, and its row in the record."""

    key: int
    relation: int
    statement: str


def is_interrupted(connection: Connection[Any]) -> bool:
    """Whether an earlier load of this database did not come to its end."""
    found = connection.execute("SELECT to_regclass('benchmark_taken_off')").fetchone()
    return found is not None and found[0] is not None


def take_off(connection: Connection[Any], tables: Sequence[str]) -> None:
    """Take off what slows a load of the tables, as their owner; once is as good as twice."""
    with connection.transaction():
        connection.execute(
            "CREATE TABLE IF NOT EXISTS benchmark_taken_off"
            " (id bigint GENERATED ALWAYS AS IDENTITY, stage int, relation oid, back text)"
        )
        found = [
            (stage, *row)
            for stage, query in _FIND
            for row in connection.execute(query, [list(tables)])
        ]
        for stage, relation, _, back in found:
            connection.execute(
                "INSERT INTO benchmark_taken_off (stage, relation, back) VALUES (%s, %s, %s)",
                [stage, relation, back],
            )
        for _, _, off, _ in found:
            if off:
                connection.execute(off)


def put_back(connect: Connect, report: Report) -> None:
    """Put back everything that was taken off, and check it; two connections at a time."""
    for stage in (INDEXES, CONSTRAINTS, FOREIGN_KEYS, VALIDATION, TRIGGERS):
        with connect() as connection:
            work = _divide(stage, _left(connection, stage))
        queue: SimpleQueue[list[_Piece]] = SimpleQueue()
        for pieces in work:
            queue.put(pieces)
        with ThreadPoolExecutor(BUILDERS) as builders:
            running = [builders.submit(_build, connect, queue, report) for _ in range(BUILDERS)]
        for each in running:
            each.result()


def forget(connection: Connection[Any]) -> None:
    """End the load: the database is whole again."""
    connection.execute("DROP TABLE benchmark_taken_off")


def _left(connection: Connection[Any], stage: int) -> list[_Piece]:
    """Return what is still to be put back, what takes longest first, each table's together."""
    rows = connection.execute(
        "SELECT id, relation, back FROM benchmark_taken_off WHERE stage = %s"
        " ORDER BY pg_relation_size(relation) * CASE WHEN back LIKE '%%USING gin%%' THEN 10 ELSE 1"
        " END DESC, relation, id",
        [stage],
    )
    return [_Piece(*row) for row in rows]


def _divide(stage: int, pieces: list[_Piece]) -> list[list[_Piece]]:
    """Return the pieces in lots that do not wait for each other's locks."""
    if stage == INDEXES:
        return [[piece] for piece in pieces]
    if stage == VALIDATION:
        return [list(lot) for _, lot in groupby(pieces, key=lambda piece: piece.relation)]
    return [pieces]


def _build(connect: Connect, queue: SimpleQueue[list[_Piece]], report: Report) -> None:
    """Put back lot after lot until none is left."""
    with connect() as connection:
        connection.execute(f"SET maintenance_work_mem = '{BUILD_MEMORY}'")
        connection.execute("SET max_parallel_maintenance_workers = 0")
        while True:
            try:
                lot = queue.get_nowait()
            except Empty:
                return
            for piece in lot:
                began = monotonic()
                with connection.transaction():
                    connection.execute(piece.statement)
                    connection.execute(_STRIKE_OUT, [piece.key])
                seconds = monotonic() - began
                if seconds > LASTING:
                    told(report, seconds, piece.statement)
