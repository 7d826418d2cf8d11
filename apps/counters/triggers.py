"""The triggers that count: one line in a model's ``Meta.triggers``."""

from collections.abc import Sequence
from typing import Any

import pgtrigger
from pgtrigger import compiler

from apps.core.triggers import FirmSql, Trigger
from apps.counters import counting
from apps.counters.declarations import Counter, Row

_ZONE = "shop_zone"  # A variable of the functions.


def counted(*counters: Counter) -> "list[CountTrigger]":
    """Return the triggers that keep a table's counters, for ``Meta.triggers``.

    An update is counted row by row, if it changes a column that counts; inserts and deletes by
    the statement, so that however many rows come at once, they leave one delta a key.
    """
    return [CountTrigger(event, counters) for event in (_INSERTS, _UPDATES, _DELETES)]


class CountTrigger(Trigger):
    """Append to ``counter_deltas`` what an event means for the counters: one INSERT."""

    when = pgtrigger.After
    func = "RETURN NULL;"  # Written when the columns are known.

    def __init__(self, event: "_Event", counters: Sequence[Counter]) -> None:
        columns = sorted(frozenset[str]().union(*(each.columns for each in counters)))
        super().__init__(
            name=event.name,
            operation=event.operation,
            level=event.level,
            referencing=event.referencing,
            condition=pgtrigger.Condition(counting.changed(columns)) if event.is_by_row else None,
        )
        self.counters = tuple(counters)
        self.event = event

    def get_func(self, model: Any) -> str:
        """Return the function's body."""
        del model
        return f"{self.event.write(self.counters)} RETURN NULL;"

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        """Have at hand the shop's zone, where a counter asks for it, and what is asked twice."""
        del model
        is_by_day = any(counter.is_by_day for counter in self.counters)
        zone = [(_ZONE, f"text := {counting.ZONE}")] if is_by_day else []
        return [*zone, *self.event.declare(self.counters)]

    def compile(self, model: Any) -> compiler.Trigger:
        """Return the trigger as migrations keep it."""
        made = super().compile(model)
        return compiler.Trigger(name=made.name, sql=CountSql(**made.sql.kwargs))


class CountSql(FirmSql):
    """The SQL of such a trigger: it writes where those who change rows need not be allowed to."""

    def get_template(self) -> str:
        """Return the statements."""
        return (
            super()
            .get_template()
            .replace(
                "LANGUAGE plpgsql AS",
                "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS",
            )
        )


class _Event:
    """An event of a table, and how it is counted: row by row, or as the rows of a statement."""

    def __init__(self, name: str, operation: Any, *, rows: str = "", sign: int = 0) -> None:
        self.name, self.operation, self._sign = name, operation, sign
        self.is_by_row = not rows
        self.level = pgtrigger.Row if self.is_by_row else pgtrigger.Statement
        self.referencing = (
            None if self.is_by_row else pgtrigger.Referencing(**{rows: "changed_rows"})  # type: ignore[no-untyped-call]  # as it is
        )

    def write(self, counters: Sequence[Counter]) -> str:
        """Return the one INSERT."""
        if self.is_by_row:
            return counting.write_change(counters, _ZONE, _moved(counters))
        told = counting.tell(counters, (Row("changed", _ZONE), self._sign))
        return counting.write_deltas(f"changed_rows AS changed CROSS JOIN LATERAL {told}")

    def declare(self, counters: Sequence[Counter]) -> list[tuple[str, str]]:
        """Return the variables that it asks, with their values."""
        if not self.is_by_row:
            return []
        said = (f"boolean := {counting.is_moved(counter, _ZONE)}" for counter in counters)
        return list(zip(_moved(counters), said, strict=True))


def _moved(counters: Sequence[Counter]) -> list[str]:
    return [f"is_moved_{place}" for place, _ in enumerate(counters, 1)]


_INSERTS = _Event("count_inserts", pgtrigger.Insert, rows="new", sign=1)
_UPDATES = _Event("count_updates", pgtrigger.Update)
_DELETES = _Event("count_deletes", pgtrigger.Delete, rows="old", sign=-1)
