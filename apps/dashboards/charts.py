"""Where the ticks, columns, lines and bars of a chart stand, in percent of its plot.

Percent, because the plot is as wide as the screen leaves it while letters and strokes keep their
size. Every chart has its numbers as rows, for the table beside it and for who hears the page.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from math import ceil, floor, log10

LINES_AT_MOST = 5  # Of the grid.
POINTS_AT_MOST = 60  # Of a series: on a phone's plot, four pixels each.
BARS_AT_MOST = 8
GAP = 0.28  # Of a category's width, between its columns and the next one's.
STEPS = (1, 2, 2.5, 5, 10)
SHORTENED = ((1_000_000, 1_000_000, "M"), (10_000, 1_000, "k"))  # From where, to what.

Value = float | None  # None: there is no number, which is not 0.
Words = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Category:
    """A place on the horizontal axis: what stands under it, and its whole name."""

    short: str
    long: str


@dataclass(frozen=True, slots=True)
class Series:
    """One measure over all categories; ``kind`` is how it is drawn: ``solid`` or ``open``."""

    name: str
    kind: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid, with its number."""

    at: str
    word: str


@dataclass(frozen=True, slots=True)
class Column:
    """A standing bar."""

    kind: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A category in the plot: the room it has, what it says, and the columns in it."""

    x: str
    width: str
    middle: str
    label: str
    says: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A series as a line: its path, in a box of 100 by 100, and its points."""

    kind: str
    path: str
    points: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Chart:
    """Series over categories, with a scale that begins at 0.

    ``words`` writes a value: ``12 days``. A chart with more categories than a screen can show
    takes neighbours together: ``thinned``.
    """

    categories: tuple[Category, ...]
    series: tuple[Series, ...]
    words: Words = "{:,}".format

    @cached_property
    def is_empty(self) -> bool:
        """Whether there is nothing to be seen."""
        return not any(value for each in self.series for value in each.values)

    @cached_property
    def ticks(self) -> tuple[Tick, ...]:
        """The lines of the grid, from the bottom up."""
        step = self._step
        return tuple(
            Tick(self._y(place * step), _short(place * step))
            for place in range(round(self._top / step) + 1)
        )

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """The categories, from the left."""
        width = 100 / max(len(self.categories), 1)
        return tuple(
            Slot(
                x=_percent(place * width),
                width=_percent(width),
                middle=_percent((place + 0.5) * width),
                label=category.short,
                says=f"{category.long}: {self._says(place)}",
                columns=tuple(self._columns(place, width)),
            )
            for place, category in enumerate(self.categories)
        )

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The series as lines, broken where there is no number."""
        return tuple(self._line(each) for each in self.series)

    @cached_property
    def rows(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What the table says: each category with its values in words."""
        return tuple(
            (category.long, tuple(self._word(each.values[place]) for each in self.series))
            for place, category in enumerate(self.categories)
        )

    @property
    def now(self) -> str:
        """The whole name of the last category."""
        return self.categories[-1].long

    @cached_property
    def last(self) -> tuple[tuple[Series, str], ...]:
        """Each series with its value in the last category, in words."""
        return tuple((each, self._word(each.values[-1])) for each in self.series)

    def _columns(self, place: int, width: float) -> Iterable[Column]:
        each_width = width * (1 - GAP) / max(len(self.series), 1)
        for order, series in enumerate(self.series):
            value = series.values[place]
            if value:
                yield Column(
                    kind=series.kind,
                    x=_percent(place * width + width * GAP / 2 + order * each_width),
                    y=self._y(value),
                    width=_percent(each_width),
                    height=_percent(100 * value / self._top),
                )

    def _line(self, series: Series) -> Line:
        width = 100 / max(len(self.categories), 1)
        points = [
            (place, ((place + 0.5) * width, 100 - 100 * value / self._top))
            for place, value in enumerate(series.values)
            if value is not None
        ]
        # Neighbours have the same distance from their places in the row.
        runs = groupby(enumerate(points), key=lambda numbered: numbered[1][0] - numbered[0])
        path = " ".join(
            "M" + "L".join(f"{_short_float(x)} {_short_float(y)}" for _, (_, (x, y)) in run)
            for _, run in runs
        )
        return Line(series.kind, path, tuple((_percent(x), _percent(y)) for _, (x, y) in points))

    @cached_property
    def _step(self) -> float:
        highest = max((value or 0 for each in self.series for value in each.values), default=0)
        return step_for(highest)

    @cached_property
    def _top(self) -> float:
        highest = max((value or 0 for each in self.series for value in each.values), default=0)
        return max(ceil(highest / self._step), 1) * self._step

    def _y(self, value: float) -> str:
        return _percent(100 - 100 * value / self._top)

    def _says(self, place: int) -> str:
        return ", ".join(f"{each.name} {self._word(each.values[place])}" for each in self.series)

    def _word(self, value: Value) -> str:
        return "–" if value is None else self.words(value)


@dataclass(frozen=True, slots=True)
class Bar:
    """A lying bar: a name, one part or more one after another, and the number in words."""

    name: str
    parts: tuple[tuple[str, str, str], ...]  # How each is drawn, where it begins, how long it is.
    says: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """What a lying bar is made of: a name with its values, one of each kind."""

    name: str
    values: tuple[float, ...]
    says: str
    status: str = ""


def bars(rows: Sequence[Row], kinds: Sequence[str]) -> tuple[Bar, ...]:
    """Lay rows out as bars over one scale, on which the longest fills the width."""
    longest = max((sum(row.values) for row in rows), default=0) or 1
    return tuple(
        Bar(row.name, tuple(_parts(row.values, kinds, longest)), row.says, row.status)
        for row in rows
    )


def thinned(chart: Chart, at_most: int = POINTS_AT_MOST) -> Chart:
    """Return a chart of no more categories than ``at_most``, each the highest of some neighbours.

    The highest, because it is what a chart is looked at for; the mean would hide it.
    """
    size = ceil(len(chart.categories) / at_most)
    if size <= 1:
        return chart
    starts = range(0, len(chart.categories), size)
    return Chart(
        tuple(_together(chart.categories[start : start + size]) for start in starts),
        tuple(
            Series(
                each.name,
                each.kind,
                tuple(_highest(each.values[start : start + size]) for start in starts),
            )
            for each in chart.series
        ),
        chart.words,
    )


def step_for(highest: float) -> float:
    """Return the distance of a grid's lines: 1, 2, 2.5 or 5 times a power of ten; at least 1."""
    wanted = highest / (LINES_AT_MOST - 1)
    if wanted <= 1:
        return 1
    power = 10.0 ** floor(log10(wanted))
    return next(step * power for step in STEPS if step * power >= wanted and step * power % 1 == 0)


def _parts(
    values: Sequence[float], kinds: Sequence[str], longest: float
) -> Iterable[tuple[str, str, str]]:
    begin = 0.0
    for kind, value in zip(kinds, values, strict=True):
        if value:
            yield kind, _percent(100 * begin / longest), _percent(100 * value / longest)
        begin += value


def _together(categories: Sequence[Category]) -> Category:
    first, last = categories[0], categories[-1]
    return first if first == last else Category(first.short, f"{first.long} – {last.long}")


def _highest(values: Sequence[Value]) -> Value:
    return max((value for value in values if value is not None), default=None)


def _percent(value: float) -> str:
    """Write a percentage, whatever the language: ``37.5%``."""
    return f"{_short_float(value)}%"


def _short_float(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _short(value: float) -> str:
    """Write the number of a line of the grid: ``2,500``, ``25k``, ``1.2M``."""
    for least, size, letter in SHORTENED:
        if value >= least:
            return f"{_short_float(value / size)}{letter}"
    return f"{value:,.0f}"
