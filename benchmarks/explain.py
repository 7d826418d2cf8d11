"""How many pages of the database a call touches: evidence that no other load disturbs."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection, transaction


@dataclass(frozen=True, slots=True)
class Touched:
    """What the reads of a call did in PostgreSQL.

    Buffers touched, its own time in seconds, and of each table the most rows that one plan looked
    at from the table's beginning on, without an index.
    """

    buffers: int
    seconds: float
    scanned: Mapping[str, int]

    def as_dict(self) -> dict[str, Any]:
        """Return it as a worker sends it."""
        return asdict(self)


def touched(call: Callable[[], object]) -> Touched:
    """Make the call, then explain each of its reads again; what locks or writes is left out."""
    reads: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django's signature
        if sql.lstrip().startswith("SELECT") and " FOR NO KEY UPDATE" not in sql:
            reads.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        call()
    plans = [_explained(sql, params) for sql, params in reads]
    tops = [plan["Plan"] for plan in plans]
    return Touched(
        sum(top["Shared Hit Blocks"] + top["Shared Read Blocks"] for top in tops),
        sum(plan["Execution Time"] for plan in plans) / 1000,
        _scanned(node for top in tops for node in _nodes(top)),
    )


def _scanned(nodes: Iterable[Any]) -> Mapping[str, int]:
    most: dict[str, int] = {}
    for node in nodes:
        if node["Node Type"] == "Seq Scan":
            table, left_out = node["Relation Name"], node.get("Rows Removed by Filter", 0)
            rows = round((node["Actual Rows"] + left_out) * node["Actual Loops"])
            most[table] = max(rows, most.get(table, 0))
    return most


def _nodes(top: Any) -> Iterator[Any]:
    yield top
    for below in top.get("Plans", ()):
        yield from _nodes(below)


def _explained(sql: str, params: Any) -> Any:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {sql}", params)
        (found,) = cursor.fetchone()
    return (found if isinstance(found, list) else json.loads(found))[0]
