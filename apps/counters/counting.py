"""The SQL that counts: one row's change, many rows at once, or all rows there are."""

from collections.abc import Iterable, Sequence

from apps.counters.declarations import SUMS_AT_MOST, Counter, Row

AMOUNTS = ("count", *(f"sum_{place}" for place in range(1, SUMS_AT_MOST + 1)))
COLUMNS = ", ".join(("counter", "keys", *AMOUNTS))
SUMMED = ", ".join(f"sum({name})::bigint AS {name}" for name in AMOUNTS)
IS_ANYTHING = "(" + " OR ".join(f"sum({name}) <> 0" for name in AMOUNTS) + ")"
ZONE = "coalesce((SELECT time_zone FROM public.counter_state), 'UTC')"
DELTAS = ", ".join(f"told.{name}" for name in ("counter", "keys", *AMOUNTS))


def write_deltas(told: str) -> str:
    """Return the statement that writes what is ``told``: rows of ``told`` and ``holds``, summed.

    What changes no count is not written.
    """
    summed = ", ".join(f"sum(told.{name})" for name in AMOUNTS)
    return (
        f"INSERT INTO public.counter_deltas ({COLUMNS})"  # noqa: S608 - ours
        f" SELECT told.counter, told.keys, {summed} FROM {told} WHERE told.holds"
        f" GROUP BY told.counter, told.keys"
        f" HAVING {' OR '.join(f'sum(told.{name}) <> 0' for name in AMOUNTS)};"
    )


def tell(counters: Iterable[Counter], *rows: tuple[Row, int]) -> str:
    """Return what rows that came (1) or went (-1) mean for the counters, for ``write_deltas``."""
    lines = [_line(counter, row, sign) for counter in counters for row, sign in rows]
    return f"(VALUES {', '.join(lines)}) AS told ({COLUMNS}, holds)"


def _line(counter: Counter, row: Row, sign: int) -> str:
    keys = ", ".join(key.sql(row) for key in counter.keys)
    sums = [f"{sign} * {row.column(name)}::bigint" for name in counter.sums]
    amounts = ", ".join([f"{sign}::bigint", *sums, *["0::bigint"] * (SUMS_AT_MOST - len(sums))])
    return f"('{counter.name}', ARRAY[{keys}]::text[], {amounts}, {counter.holds(row)})"


def differences(counter: Counter, table: str) -> str:
    """Return the query for what must be added to a counter so that it equals the rows.

    One statement sees one moment: rows, sums and deltas of the same transactions.
    """
    row = Row(table, ZONE, is_joined=True)
    keys = [f"key_{place}" for place in range(len(counter.keys))]
    found = ", ".join(f"{key.sql(row)} AS {name}" for key, name in zip(counter.keys, keys))  # noqa: B905 - made from it
    sums = [f"sum({row.column(name)}::bigint)" for name in counter.sums]
    amounts = ["count(*)", *sums, *["0"] * (SUMS_AT_MOST - len(sums))]
    counted = ", ".join(f"{sql} AS {name}" for sql, name in zip(amounts, AMOUNTS, strict=True))
    joins = "".join(key.join(row) for key in counter.keys)
    taken = ", ".join(f"-{name}" for name in AMOUNTS)
    told = counter.is_told(ZONE)
    stored = " UNION ALL ".join(
        f"SELECT keys, {taken} FROM public.{each}"  # noqa: S608 - ours
        f" WHERE counter = '{counter.name}' AND {told}"
        for each in ("counter_sums", "counter_deltas")
    )
    return (
        f"SELECT '{counter.name}' AS counter, keys, {SUMMED} FROM ("  # noqa: S608 - ours
        f'SELECT ARRAY[{", ".join(keys)}]::text[] COLLATE "C" AS keys, {", ".join(AMOUNTS)}'
        f" FROM (SELECT {found}, {counted} FROM public.{table}{joins}"
        f" WHERE {counter.holds(row)} GROUP BY {', '.join(keys)}) AS rows"
        f" UNION ALL {stored}) AS told WHERE {told} GROUP BY keys HAVING {IS_ANYTHING}"
    )


def changed(columns: Sequence[str]) -> str:
    """Return the condition that one of the columns is another than before."""
    return " OR ".join(f'OLD."{name}" IS DISTINCT FROM NEW."{name}"' for name in columns)
