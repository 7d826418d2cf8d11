"""Stretches of work, and how many pieces come out of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from apps.demo.calendar import NOW
from apps.demo.chance import happens
from apps.jobs.states import LogKind

_WORTH_SHARING = 90  # Minutes of running from which a second person may join.
_LOSABLE = 3  # Pieces from which some may be lost.


@dataclass(slots=True)
class Stretch:
    """A work log to be, in minutes of the demo's clock; without an end, it goes on."""

    worker: str
    kind: LogKind
    start: int
    end: int | None
    good: int = 0
    scrap: int = 0
    rework: int = 0
    reason: str | None = None
    note: str = ""

    @property
    def pieces(self) -> int:
        """Pieces reported, whatever became of them."""
        return self.good + self.scrap + self.rework

    @property
    def minutes(self) -> int:
        """How long it took, or has taken."""
        return (NOW if self.end is None else self.end) - self.start


def report_pieces(
    rng: Random, logs: Sequence[Stretch], pieces: int, run_minutes: int, losses: Sequence[str]
) -> None:
    """Share the pieces among the stretches of running, by their minutes; some are lost.

    A stretch that still goes on has reported a little less than it has made.
    """
    scrap, rework = _losses(rng, pieces)
    unlucky = rng.randrange(pieces)  # The piece at which the losses are found.
    made = worked = 0
    for log in logs:
        if log.kind != LogKind.RUN:
            continue
        worked += log.minutes
        reached = pieces if worked >= run_minutes else pieces * worked // run_minutes
        count = reached - made
        if log.end is None:
            count = count * 4 // 5
        found = made <= unlucky < made + count
        made += count
        log.scrap = min(scrap, count) if found else 0
        log.rework = min(rework, count - log.scrap) if found else 0
        log.good = count - log.scrap - log.rework
        log.reason = rng.choice(losses) if log.scrap else None


def _losses(rng: Random, pieces: int) -> tuple[int, int]:
    """Return how many pieces are scrapped and how many made again: mostly none, never all."""
    if pieces < _LOSABLE:
        return 0, 0
    most = max(1, pieces // 25)
    scrap = rng.randint(1, most) if happens(rng, 0.3) else 0
    return scrap, rng.randint(1, most) if happens(rng, 0.15) else 0


def share_work(rng: Random, logs: list[Stretch], helpers: Sequence[str]) -> None:
    """Let a second person join the last part of the longest run, if that is worth it."""
    longest = max(logs, key=lambda log: log.minutes if log.kind == LogKind.RUN else 0)
    if not helpers or longest.kind != LogKind.RUN or longest.minutes < _WORTH_SHARING:
        return
    joined = longest.start + longest.minutes * 2 // 3
    taken = longest.good // 6
    longest.good -= taken
    logs.append(Stretch(rng.choice(helpers), LogKind.RUN, joined, longest.end, taken))


def first_good(logs: Sequence[Stretch]) -> int | None:
    """Return when the first good piece was reported, if one was."""
    for log in logs:
        if log.good:
            return log.start + max(1, log.minutes // 4)
    return None
