"""The table of results: one line a figure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

HEAD = ("#", "what", "figure", "compared with", "goal", "reached", "seen")


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound that a figure is to keep."""

    limit: float
    at_least: bool = False

    def is_reached(self, figure: float) -> bool:
        """Whether the figure keeps it."""
        return figure >= self.limit if self.at_least else figure <= self.limit


def at_most(limit: float) -> Goal:
    """Return the goal of staying at or under the limit."""
    return Goal(limit)


def at_least(limit: float) -> Goal:
    """Return the goal of reaching the limit."""
    return Goal(limit, at_least=True)


@dataclass(frozen=True, slots=True)
class Line:
    """One figure: how much, of what unit, compared with what, and its goal.

    ``seen`` is what it was made from, for orientation: milliseconds differ between machines.
    """

    number: str
    what: str
    figure: float
    unit: str
    compared_with: str
    goal: Goal | None = None
    seen: str = ""

    def cells(self) -> tuple[str, ...]:
        """Return it as the table shows it."""
        goal = self.goal
        said = f"{'≥' if goal.at_least else '≤'} {_amount(goal.limit, self.unit)}" if goal else "–"
        reached = ("yes" if goal.is_reached(self.figure) else "**no**") if goal else "–"
        figure = _amount(self.figure, self.unit)
        return self.number, self.what, figure, self.compared_with, said, reached, self.seen


def written(lines: Sequence[Line], facts: Iterable[str], command: str) -> str:
    """Return the page."""
    return "\n".join(_page(lines, facts, command)) + "\n"


def _page(lines: Sequence[Line], facts: Iterable[str], command: str) -> Iterator[str]:
    yield "# Results"
    yield ""
    yield f"Written by `{command}`; do not edit. How it is measured: [README.md](README.md)."
    yield ""
    yield from (f"- {fact}" for fact in facts)
    yield ""
    with_goal = [line for line in lines if line.goal]
    missed = [line for line in with_goal if line.goal and not line.goal.is_reached(line.figure)]
    yield f"{len(with_goal) - len(missed)} of {len(with_goal)} goals are reached."
    yield ""
    yield _row(HEAD)
    yield _row(["---"] * len(HEAD))
    yield from (_row(line.cells()) for line in lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _amount(figure: float, unit: str) -> str:
    number = f"{figure:,.0f}" if figure >= 100 or figure == int(figure) else f"{figure:.3g}"  # noqa: PLR2004 - three digits say enough
    return f"{number} {unit}"


def milliseconds(seconds: float) -> str:
    """Return a time as the table says it."""
    return f"{seconds * 1000:,.3g} ms" if seconds < 1 else f"{seconds * 1000:,.0f} ms"
