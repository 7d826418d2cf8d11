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
    sums = [f"{sign} * {row.column(name)}::bigint" for name in counter.sums]
    return f"({_delta(counter, row, sign, sums)}, {counter.holds(row)})"


def _delta(counter: Counter, row: Row, count: int, sums: Sequence[str]) -> str:
    keys = ", ".join(key.sql(row) for key in counter.keys)
    amounts = ", ".join([f"{count}::bigint", *sums, *["0::bigint"] * (SUMS_AT_MOST - len(sums))])
    return f"'{counter.name}', ARRAY[{keys}]::text[], {amounts}"


def write_change(counters: Sequence[Counter], zone: str, moved: Sequence[str]) -> str:
    """Return the statement that writes what the change of OLD to NEW means for the counters.

    ``moved`` name, for each counter, the variable that holds what ``is_moved`` says: of a row that
    stays where it is counted only the difference of its sums is written, and nothing is summed up,
    which cost more than all the rest.
    """
    old, new = Row("OLD", zone), Row("NEW", zone)
    parts: list[str] = []
    for counter, is_moved in zip(counters, moved, strict=True):
        for row, sign in ((old, -1), (new, 1)):
            sums = [f"{sign} * {row.column(name)}::bigint" for name in counter.sums]
            told = _delta(counter, row, sign, sums)
            parts.append(f"SELECT {told} WHERE {is_moved} AND {counter.holds(row)}")
        if counter.sums:
            sums = [f"({new.column(each)} - {old.column(each)})::bigint" for each in counter.sums]
            is_other = f"NOT {is_moved} AND ({changed(counter.sums)}) AND {counter.holds(new)}"
            parts.append(f"SELECT {_delta(counter, new, 0, sums)} WHERE {is_other}")
    return f"INSERT INTO public.counter_deltas ({COLUMNS}) {' UNION ALL '.join(parts)};"


def is_moved(counter: Counter, zone: str) -> str:
    """Return the condition that OLD is counted elsewhere than NEW, or one of them nowhere."""
    old, new = (Row(name, zone, is_compared=True) for name in ("OLD", "NEW"))
    pairs = [(key.sql(old), key.sql(new)) for key in counter.keys]
    pairs.append((f"({counter.holds(old)})", f"({counter.holds(new)})"))
    differs = " OR ".join(f"{one} IS DISTINCT FROM {other}" for one, other in pairs if one != other)
    placing = sorted(counter.columns.difference(counter.sums))
    return f"({changed(placing)}) AND ({differs})"


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
