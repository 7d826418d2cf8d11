"""Temporary tables that hold a file while it is loaded. They go with the transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from operator import attrgetter

from django.db import connection

from apps.jobs.imports.entries import Entry

_CREATE = """
    CREATE TEMPORARY TABLE import_rows (
        row_number integer NOT NULL,
        case_id text NOT NULL,
        activity text NOT NULL,
        process text NOT NULL,
        resource text NOT NULL,
        quantity integer NOT NULL,
        part text NOT NULL,
        worker text NOT NULL,
        kind text NOT NULL,
        started_at timestamptz,
        ended_at timestamptz,
        good integer NOT NULL,
        scrap integer NOT NULL,
        rework integer NOT NULL,
        note text NOT NULL,
        cells_hash text NOT NULL,
        step_key text NOT NULL
    );
    CREATE TEMPORARY TABLE import_names (
        kind text, name text, id bigint NOT NULL, PRIMARY KEY (kind, name)
    )
"""
# A row is known by its cells and by how many equal ones stand before it in its file.
_KEEP_NEW = """
    CREATE TEMPORARY TABLE import_new AS
    SELECT keyed.*
    FROM (
        SELECT
            import_rows.*,
            encode(
                sha256(convert_to(
                    cells_hash || ':' || row_number() OVER (
                        PARTITION BY cells_hash ORDER BY row_number
                    ),
                    'UTF8'
                )),
                'hex'
            ) AS log_key
        FROM import_rows
    ) AS keyed
    WHERE NOT EXISTS (SELECT FROM work_logs WHERE work_logs.import_key = keyed.log_key)
"""
_COUNT = """
    SELECT
        count(DISTINCT case_id) AS jobs,
        count(DISTINCT step_key) AS steps,
        count(*) AS "work logs",
        count(DISTINCT resource) AS machines,
        count(DISTINCT lower(worker)) AS operators,
        count(DISTINCT part) AS parts,
        count(DISTINCT lower(process)) AS processes,
        coalesce(sum(good), 0) AS good,
        coalesce(sum(scrap), 0) AS scrap,
        coalesce(sum(rework), 0) AS rework
    FROM import_rows
"""
_CELLS = attrgetter(*(field.name for field in fields(Entry)))
_DROP = "DROP TABLE IF EXISTS import_rows, import_names, import_new, import_steps"
_COPY_ROWS = "COPY import_rows FROM STDIN"
_COPY_NAMES = "COPY import_names FROM STDIN"


def create() -> None:
    """Make the empty tables."""
    with connection.cursor() as cursor:
        cursor.execute(_CREATE)


def drop() -> None:
    """Drop the tables, for those who go on in the same transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_DROP)


def copy_rows(entries: Iterable[Entry]) -> None:
    """Stream the rows of a file into ``import_rows``."""
    with connection.cursor() as cursor:
        with cursor.copy(_COPY_ROWS) as copy:
            for entry in entries:
                copy.write_row(_CELLS(entry))
        cursor.execute("ANALYZE import_rows")


def copy_names(kind: str, ids: Mapping[str, int]) -> None:
    """Stage which record each name of a kind stands for."""
    with connection.cursor() as cursor, cursor.copy(_COPY_NAMES) as copy:
        for name, key in ids.items():
            copy.write_row((kind, name, key))


def keep_new() -> int:
    """Put the rows that are no work log yet into ``import_new``; return how many.

    Uses index: the unique one of work_logs.import_key.
    """
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_NEW)
        count = int(cursor.rowcount)
        cursor.execute("ANALYZE import_new")
    return count


def distinct_names(column: str) -> list[str]:
    """Return what the new rows hold in a column, in the order of its first row."""
    name = connection.ops.quote_name(column)
    question = f"SELECT {name} FROM import_new GROUP BY 1 ORDER BY min(row_number)"  # noqa: S608 - a column of ours
    with connection.cursor() as cursor:
        cursor.execute(question)
        return [row[0] for row in cursor.fetchall()]


def count_file() -> dict[str, int]:
    """Return what the whole file holds, by the glossary's words. Queries: 1."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT)
        names = [column.name for column in cursor.description]
        return dict(zip(names, map(int, cursor.fetchone()), strict=True))
