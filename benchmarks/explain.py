"""How many pages of the database a call touches: evidence that no other load disturbs."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection, transaction


@dataclass(frozen=True, slots=True)
class Touched:
    """What the reads of a call did in PostgreSQL: buffers touched, and its own time in seconds."""

    buffers: int
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """Return it as a worker sends it."""
        return asdict(self)


def touched(call: Callable[[], object]) -> Touched:
    """Make the call, then explain each of its reads again; what locks or writes is left out."""
    reads: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django's signature
        if sql.startswith("SELECT") and " FOR NO KEY UPDATE" not in sql:
            reads.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        call()
    plans = [_explained(sql, params) for sql, params in reads]
    return Touched(
        sum(
            plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"] for plan in plans
        ),
        sum(plan["Execution Time"] for plan in plans) / 1000,
    )


def _explained(sql: str, params: Any) -> Any:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {sql}", params)
        (found,) = cursor.fetchone()
    return (found if isinstance(found, list) else json.loads(found))[0]
