"""What is counted, said beside the models: pure data, and the SQL that it stands for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import add
from typing import Any, Protocol

SUMS_AT_MOST = 3  # Columns of the counters' tables.
_SLACK = 2  # Days by which what is counted reaches beyond what is told: zones, long transactions.

Keys = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row in SQL: its name, and how the shop's zone and a row it refers to are found there.

    Of one that ``is_compared``, with its other version, the reference stands for the row that it
    refers to.
    """

    name: str
    zone: str
    is_joined: bool = False
    is_compared: bool = False

    def column(self, name: str) -> str:
        """Return a column of the row."""
        return f'{self.name}."{name}"'


class Key(Protocol):
    """What rows are counted by: text in the database, a value of its own type for readers."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the row on which it hangs."""

    def sql(self, row: Row) -> str:
        """Return the key of a row, as text or null."""

    def read(self, text: str) -> Any:
        """Return what the text says."""

    def join(self, row: Row) -> str:
        """Return how the row that the key stands in is joined, if it is another one."""


class _Own:
    """A key that stands in the row itself."""

    def join(self, row: Row) -> str:
        """Join nothing."""
        del row
        return ""


@dataclass(frozen=True, slots=True)
class _Column(_Own):
    name: str

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.name,)

    def sql(self, row: Row) -> str:
        return f"{row.column(self.name)}::text"


class Word(_Column):
    """A column of text: a status."""

    def read(self, text: str) -> str:
        """Return it as it is."""
        return text


class Number(_Column):
    """A column of numbers: another record's key."""

    def read(self, text: str) -> int:
        """Return the number."""
        return int(text)


class Flag(_Column):
    """A column that is true or false."""

    def read(self, text: str) -> bool:
        """Return which."""
        return text == "true"


class Date(_Column):
    """A column of dates."""

    pattern = "YYYY-MM-DD"

    def sql(self, row: Row) -> str:
        """Return the date in the one order in which text sorts as dates do."""
        return f"to_char({row.column(self.name)}::timestamp, '{self.pattern}')"

    def read(self, text: str) -> date:
        """Return the date; a month is known by its first."""
        return date.fromisoformat(text)


class MonthOfDate(Date):
    """The month of a column of dates, by its first day."""

    pattern = 'YYYY-MM"-01"'


@dataclass(frozen=True, slots=True, init=False)
class Day(_Own):
    """The shop's day of an instant: of the first of the columns that is known."""

    columns: tuple[str, ...]
    pattern = "YYYY-MM-DD"

    def __init__(self, *columns: str) -> None:
        object.__setattr__(self, "columns", columns)

    def sql(self, row: Row) -> str:
        """Return the day in the shop's zone."""
        instant = ", ".join(map(row.column, self.columns))
        return f"to_char(coalesce({instant}) AT TIME ZONE {row.zone}, '{self.pattern}')"

    def read(self, text: str) -> date:
        """Return the day; a month is known by its first."""
        return _to_date(text)


class Month(Day):
    """The shop's month of an instant, by its first day."""

    pattern = 'YYYY-MM"-01"'


@dataclass(frozen=True, slots=True)
class WholeDays(_Own):
    """How many whole days lie between two instants."""

    begins: str
    ends: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Both."""
        return (self.begins, self.ends)

    def sql(self, row: Row) -> str:
        """Return the days, rounded down."""
        lasted = f"{row.column(self.ends)} - {row.column(self.begins)}"
        return f"floor(extract(epoch FROM {lasted}) / 86400)::bigint::text"

    def read(self, text: str) -> int:
        """Return the days."""
        return int(text)


@dataclass(frozen=True, slots=True)
class Through:
    """A record's key in the row that this one refers to, which does not change meanwhile.

    Triggers look it up by its primary key, whatever the planner thinks; counting all rows joins.
    """

    column: str
    table: str
    value: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The foreign key."""
        return (self.column,)

    def sql(self, row: Row) -> str:
        """Return what the other row says."""
        if row.is_compared:
            return f"{row.column(self.column)}::text"
        if row.is_joined:
            return f'{self.table}."{self.value}"::text'
        return (
            f'(SELECT referred."{self.value}" FROM public.{self.table} AS referred'  # noqa: S608 - ours
            f" WHERE referred.id = {row.column(self.column)})::text"
        )

    def read(self, text: str) -> int:
        """Return the record's key."""
        return int(text)

    def join(self, row: Row) -> str:
        """Join the other row."""
        return f" LEFT JOIN public.{self.table} ON {self.table}.id = {row.column(self.column)}"


@dataclass(frozen=True, slots=True)
class Counter:
    """Rows of a table counted by keys, with what some of their columns add up to.

    Counted are rows whose ``known`` columns are not null and, ``among`` a column and some of its
    values, those that have one of these. With ``recent_days``, the first key is a ``Day`` and only
    so many days before today are told and kept. The name is kept with every count: another
    meaning is another name.
    """

    name: str
    keys: tuple[Key, ...]
    sums: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    among: tuple[str, tuple[str, ...]] | None = None
    recent_days: int | None = None

    def __post_init__(self) -> None:
        """Refuse what the tables have no place for."""
        if len(self.sums) > SUMS_AT_MOST:
            raise ValueError(f"{self.name} has more than {SUMS_AT_MOST} sums.")

    @property
    def columns(self) -> frozenset[str]:
        """The columns on whose change the counts hang."""
        named = {column for key in self.keys for column in key.columns}
        return frozenset({*named, *self.sums, *self.known, *(self.among or ())[:1]})

    @property
    def is_by_day(self) -> bool:
        """Whether the shop's zone has a say."""
        return any(isinstance(key, Day) for key in self.keys)

    def holds(self, row: Row) -> str:
        """Return the condition that a row is counted."""
        parts = [f"{row.column(name)} IS NOT NULL" for name in self.known]
        if self.among:
            column, values = self.among
            listed = ", ".join(f"'{value}'" for value in values)
            parts.append(f"{row.column(column)} IN ({listed})")
        if self.recent_days is not None:
            since = f"now() - interval '{self.recent_days + _SLACK} days'"
            parts += [f"{row.column(name)} > {since}" for name in self.keys[0].columns]
        return " AND ".join(parts) or "true"

    def is_told(self, zone: str) -> str:
        """Return the condition that ``keys`` are of a day that is told."""
        if self.recent_days is None:
            return "true"
        first = f"(now() AT TIME ZONE {zone})::date - {self.recent_days}"
        return f"keys >= ARRAY[to_char({first}, 'YYYY-MM-DD')]"

    def part(
        self,
        *first_keys: Any,
        since: date | None = None,
        before: date | None = None,
        summed: bool = False,
    ) -> "Part":
        """Return a part of the counter, for ``apps.counters.selectors.read``.

        The keys that begin with ``first_keys``; the next one, a date, from ``since`` on and
        earlier than ``before``. ``summed``, all of them as one: its keys are ``()``.
        """
        return Part(self, first_keys, since, before, summed)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a counter: one range of its keys."""

    counter: Counter
    first_keys: Keys
    since: date | None
    before: date | None
    summed: bool

    @property
    def low(self) -> list[str | None]:
        """The range's beginning. Shorter keys sort before longer ones that begin alike."""
        first = list(map(_text, self.first_keys))
        return first if self.since is None else [*first, _text(self.since)]

    @property
    def high(self) -> list[str | None]:
        """What lies behind the range: null sorts last, and longer keys after shorter ones."""
        first = list(map(_text, self.first_keys))
        if self.before is not None:
            return [*first, _text(self.before)]
        return [*first, *[None] * (len(self.counter.keys) + 1)]


@lru_cache(maxsize=64)
def reader_of(counter: Counter) -> Callable[[tuple[str | None, ...]], Keys]:
    """Return how a counter's keys are read: fewer than it has where they are summed over.

    The same texts come again and again, thousands at once.
    """
    readers = [key.read for key in counter.keys]

    @lru_cache(maxsize=8_192)
    def read(texts: tuple[str | None, ...]) -> Keys:
        return tuple([None if text is None else read(text) for read, text in zip(readers, texts)])  # noqa: B905 - as said

    return read


_to_date = lru_cache(maxsize=4_096)(date.fromisoformat)  # Days and months come again and again.


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many rows there are, and what their columns add up to, in the counter's order."""

    count: int = 0
    sums: tuple[int, ...] = ()


class Tally(dict[Keys, Amounts]):
    """Amounts by keys; of keys that no row has, zeros."""

    def __init__(self, counter: Counter) -> None:
        super().__init__()
        self._sums = len(counter.sums)
        self._none = Amounts(0, (0,) * self._sums)

    def __missing__(self, keys: Keys) -> Amounts:
        """Return zeros."""
        return self._none

    def add(self, keys: Keys, count: int, sums: Sequence[int]) -> None:
        """Add to the amounts of keys; what comes to nothing is absent."""
        if keys in self:
            before = self.pop(keys)
            count, sums = count + before.count, [*map(add, before.sums, sums)]
        if count or any(sums):
            self[keys] = Amounts(count, tuple(sums[: self._sums]))
