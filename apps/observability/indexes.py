"""What PostgreSQL knows of our indexes, and what is wrong with them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import permutations
from typing import Any

from django.apps import apps
from django.db import connection

BIG_TABLE = 1024 * 1024  # Bytes: below, reading all of it is as quick as an index.
DESCENDING, REVERSED = 1, 3  # Bits of pg_index.indoption: descending; and nulls first with it.


@dataclass(frozen=True, slots=True)
class Index:
    """One index as the catalogue has it.

    ``keys`` are its columns or expressions; ``order`` holds for each its operator class,
    collation and direction; ``included`` are the columns it merely carries.
    """

    table: str
    name: str
    method: str
    size_bytes: int
    scans: int
    is_unique: bool
    is_constraint: bool
    is_valid: bool
    keys: tuple[str, ...]
    order: tuple[tuple[str, str, int], ...]
    included: tuple[str, ...]
    predicate: str | None

    @property
    def is_unused(self) -> bool:
        """Whether nothing has read it; what it enforces is a use of its own."""
        return self.scans == 0 and not self.is_unique and not self.is_constraint

    def is_covered_by(self, other: "Index") -> bool:
        """Whether the other, on the same rows, begins with all that this one has."""
        if self._place() != other._place():
            return False
        mine, theirs = self.signature(), other.signature()
        if self.method == "btree":  # Others are not read by their first columns alone.
            theirs = theirs[: len(mine)]
        return mine == theirs and set(self.included) <= {*other.keys, *other.included}

    def _place(self) -> tuple[str, str, str | None]:
        return self.table, self.method, self.predicate

    def signature(self) -> tuple[tuple[str, tuple[str, str, int]], ...]:
        """Return keys with their order, forward: a B-tree is read from both ends."""
        backward = bool(self.order) and self.order[0][2] & DESCENDING
        turned = [(c, n, way ^ REVERSED if backward else way) for c, n, way in self.order]
        return tuple(zip(self.keys, turned, strict=True))


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A reference from one table of ours, by the columns that hold it."""

    table: str
    name: str
    columns: tuple[str, ...]

    def is_covered_by(self, index: Index) -> bool:
        """Whether the rows that refer to a given one can be found through the index."""
        not_null = {None, *(f"({column} IS NOT NULL)" for column in self.columns)}
        leading = index.keys[: len(self.columns)]
        return (
            index.table == self.table
            and index.method == "btree"
            and index.is_valid
            and index.predicate in not_null
            and set(leading) == set(self.columns)
        )


@dataclass(frozen=True, slots=True)
class TableScans:
    """How a table has been read since statistics began."""

    table: str
    size_bytes: int
    rows: int
    sequential_scans: int
    rows_read: int
    index_scans: int


@dataclass(frozen=True, slots=True)
class Redundant:
    """An index that another one makes needless."""

    index: Index
    covered_by: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything the index report says. ``since`` is None when statistics were never reset."""

    since: datetime | None
    indexes: list[Index]
    invalid: list[Index]
    redundant: list[Redundant]
    uncovered: list[ForeignKey]
    scanned: list[TableScans]


def make_report(tables: Sequence[str] | None = None) -> Report:
    """Return the report on the given tables, or on all of ours. Queries: 4."""
    named = list(our_tables() if tables is None else tables)
    indexes = read_indexes(named)
    return Report(
        since=_since(),
        indexes=indexes,
        invalid=[index for index in indexes if not index.is_valid],
        redundant=list(find_redundant(indexes)),
        uncovered=list(find_uncovered(read_foreign_keys(named), indexes)),
        scanned=_scanned(named),
    )


def our_tables() -> list[str]:
    """Return the tables of our apps, those between two models included, by name."""
    models = apps.get_models(include_auto_created=True)
    ours = (model for model in models if model._meta.app_config.name.startswith("apps."))
    return sorted({model._meta.db_table for model in ours if not model._meta.proxy})


def find_redundant(indexes: Iterable[Index]) -> Iterator[Redundant]:
    """Find each index that another covers.

    Of two alike, the one goes that enforces nothing, and that nobody named.
    """
    found: set[str] = set()
    for index, other in permutations(sorted(indexes, key=_worth), 2):
        if {index.name, other.name} & found or not index.is_covered_by(other):
            continue
        enforces = index.is_unique or index.is_constraint
        if not enforces or (other.is_unique and index.keys == other.keys):
            found.add(index.name)
            yield Redundant(index, other.name)


def _worth(index: Index) -> tuple[bool, bool, bool, str]:
    named = index.name.startswith("idx_")
    return index.is_unique, index.is_constraint, named, index.name


def find_uncovered(keys: Iterable[ForeignKey], indexes: Iterable[Index]) -> Iterator[ForeignKey]:
    """Find each foreign key that no index leads with."""
    there = list(indexes)
    return (key for key in keys if not any(key.is_covered_by(index) for index in there))


def read_indexes(tables: Sequence[str]) -> list[Index]:
    """Return every index of the tables, by table and name. Queries: 1."""
    rows = _rows(
        """
        SELECT t.relname, i.relname, am.amname, pg_relation_size(i.oid),
            coalesce(s.idx_scan, 0), x.indisunique,
            EXISTS (SELECT FROM pg_constraint c
                WHERE c.conindid = i.oid AND c.contype IN ('p', 'u', 'x')),
            x.indisvalid AND x.indisready,
            ARRAY(SELECT coalesce(a.attname, pg_get_indexdef(i.oid, k, true))
                FROM generate_series(1, x.indnkeyatts) k
                LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[k - 1]
                    AND x.indkey[k - 1] > 0 ORDER BY k),
            ARRAY(SELECT opcname FROM generate_series(1, x.indnkeyatts) k
                JOIN pg_opclass o ON o.oid = x.indclass[k - 1] ORDER BY k),
            ARRAY(SELECT coalesce(collname, '') FROM generate_series(1, x.indnkeyatts) k
                LEFT JOIN pg_collation c ON c.oid = x.indcollation[k - 1] ORDER BY k),
            ARRAY(SELECT x.indoption[k - 1]::int FROM generate_series(1, x.indnkeyatts) k
                ORDER BY k),
            ARRAY(SELECT a.attname FROM generate_series(x.indnkeyatts + 1, x.indnatts) k
                JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[k - 1]
                ORDER BY k),
            pg_get_expr(x.indpred, x.indrelid)
        FROM pg_index x
        JOIN pg_class i ON i.oid = x.indexrelid
        JOIN pg_class t ON t.oid = x.indrelid
        JOIN pg_am am ON am.oid = i.relam
        LEFT JOIN pg_stat_user_indexes s ON s.indexrelid = i.oid
        WHERE t.relnamespace = current_schema()::regnamespace AND t.relname = ANY(%s)
        ORDER BY t.relname, i.relname
        """,
        [list(tables)],
    )
    return [
        Index(
            table=table,
            name=name,
            method=method,
            size_bytes=size,
            scans=scans,
            is_unique=unique,
            is_constraint=constraint,
            is_valid=valid,
            keys=tuple(keys),
            order=tuple(zip(*order, strict=True)),
            included=tuple(included),
            predicate=predicate,
        )
        for (table, name, method, size, scans, unique, constraint, valid, *rest) in rows
        for (keys, *order, included, predicate) in [rest]
    ]


def read_foreign_keys(tables: Sequence[str]) -> list[ForeignKey]:
    """Return every foreign key of the tables, by table and name. Queries: 1."""
    rows = _rows(
        """
        SELECT t.relname, c.conname, ARRAY(SELECT attname FROM pg_attribute
            WHERE attrelid = c.conrelid AND attnum = ANY(c.conkey) ORDER BY attnum)
        FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
        WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace
            AND t.relname = ANY(%s)
        ORDER BY t.relname, c.conname
        """,
        [list(tables)],
    )
    return [ForeignKey(table, name, tuple(columns)) for table, name, columns in rows]


def _scanned(tables: Sequence[str]) -> list[TableScans]:
    rows = _rows(
        """
        SELECT s.relname, pg_table_size(s.relid), greatest(c.reltuples, 0)::bigint, s.seq_scan,
            s.seq_tup_read, coalesce(s.idx_scan, 0)
        FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
        WHERE s.schemaname = current_schema() AND s.relname = ANY(%s)
            AND pg_table_size(s.relid) > %s AND s.seq_scan > 0
        ORDER BY s.seq_tup_read DESC
        """,
        [list(tables), BIG_TABLE],
    )
    return [TableScans(*row) for row in rows]


def _since() -> datetime | None:
    reset = "SELECT stats_reset FROM pg_stat_database WHERE datname = current_database()"
    [(since,)] = _rows(reset, [])
    return since if isinstance(since, datetime) else None


def _rows(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
