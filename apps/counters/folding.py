"""Moving deltas into sums: what both say together is the same before and after."""

from django.db import connection, transaction

from apps.counters.counting import AMOUNTS, COLUMNS, IS_ANYTHING, SUMMED

# Who folds, or writes what nobody else may be folding. A number of its own among advisory locks.
LOCK = "hashtextextended('andon.counters', 0)"
FOLD_ABOVE = 1_000  # Deltas that a reader meets: beyond, they cost more than folding them.

_TOTALS = [(name, f"stored.{name} + new.{name}") for name in AMOUNTS]
_FOLD = f"""
    WITH folded AS (
        DELETE FROM counter_deltas RETURNING {COLUMNS}
    ), summed AS MATERIALIZED (
        SELECT counter, keys, {SUMMED} FROM folded
        GROUP BY counter, keys HAVING {IS_ANYTHING} ORDER BY counter, keys
    ), stored AS (
        MERGE INTO counter_sums AS stored USING summed AS new
        ON stored.counter = new.counter AND stored.keys = new.keys
        WHEN MATCHED AND {" AND ".join(f"{total} = 0" for _, total in _TOTALS)} THEN DELETE
        WHEN MATCHED THEN UPDATE SET {", ".join(f"{name} = {total}" for name, total in _TOTALS)}
        WHEN NOT MATCHED THEN INSERT ({COLUMNS})
            VALUES (new.counter, new.keys, {", ".join(f"new.{name}" for name in AMOUNTS)})
        RETURNING 1
    )
    SELECT count(*) FROM folded
"""  # noqa: S608 - names of ours


@transaction.atomic
def fold() -> int | None:
    """Fold all deltas that are committed; return how many, or None while another folds.

    All or nothing: killed in the middle, it leaves everything as it was.

    Locks: the counters' advisory lock, which is tried and never waited for.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_xact_lock({LOCK})")
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(_FOLD)  # A statement of its own: it sees what the last folder committed.
        return int(cursor.fetchone()[0])


def fold_if_many(deltas: int) -> None:
    """Fold what a reader met, if it is much and no transaction of the reader's would wait on it."""
    if deltas > FOLD_ABOVE and not connection.in_atomic_block:
        fold()
