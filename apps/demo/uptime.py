"""When the demo's machines were down."""

from bisect import bisect_right
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from apps.demo.calendar import CLOSES, DAY, NOW, OPENS, TODAY, minute
from apps.demo.chance import happens
from apps.demo.floor import DOWN_NOW, DOWNTIME_NOTES

_FAR = NOW + DAY
_APART = DAY  # At least so many minutes lie between two downtimes of one machine.
_LONG = 0.12  # The share of downtimes that take more than a day.


class Downtime(NamedTuple):
    """A machine not available; without an end, it is down now."""

    start: int
    end: int | None
    reason: str
    note: str


class Uptime:
    """When a machine is up, given its downtimes, oldest first."""

    def __init__(self, downtimes: Sequence[Downtime]) -> None:
        self._starts = [downtime.start for downtime in downtimes]
        self._ends = [_FAR if downtime.end is None else downtime.end for downtime in downtimes]

    def up_from(self, when: int) -> int:
        """Return the first minute from ``when`` at which the machine is up."""
        place = bisect_right(self._starts, when) - 1
        return when if place < 0 else max(when, self._ends[place])

    def down_from(self, when: int) -> int:
        """Return when, after ``when``, the machine goes down next."""
        place = bisect_right(self._starts, when)
        return self._starts[place] if place < len(self._starts) else _FAR


def make_downtimes(rng: Random, machines: Sequence[str]) -> dict[str, list[Downtime]]:
    """Return each machine's downtimes of the year, oldest first, with those of this moment."""
    now = {code: Downtime(NOW - ago, None, reason, note) for code, ago, reason, note in DOWN_NOW}
    return {code: _downtimes(rng, now.get(code)) for code in machines}


def _downtimes(rng: Random, now: Downtime | None) -> list[Downtime]:
    latest = (NOW if now is None else now.start) - DAY
    made: list[Downtime] = []
    for day in sorted(rng.sample(range(TODAY), rng.randint(2, 8))):
        start = minute(day, rng.uniform(6.2, 20))
        length = rng.randint(DAY, 2 * DAY) if happens(rng, _LONG) else rng.randint(15, 240)
        end = _within_hours(start + length)
        if end < latest and (not made or start > (made[-1].end or 0) + _APART):
            reason = rng.choice(list(DOWNTIME_NOTES))
            made.append(Downtime(start, end, reason, rng.choice(DOWNTIME_NOTES[reason])))
    return made if now is None else [*made, now]


def _within_hours(when: int) -> int:
    """Return the first minute from ``when`` at which the shop works."""
    day, of_day = divmod(when, DAY)
    if of_day < OPENS:
        return day * DAY + OPENS
    return when if of_day < CLOSES else (day + 1) * DAY + OPENS
