"""When work will be done if nothing changes: each machine takes its queue in dispatch order."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from heapq import heappop, heappush
from itertools import groupby
from math import inf
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

LOOKS_AHEAD_DAYS = 400
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Work:
    """What is left to do of a step.

    ``order`` is its place in dispatch order. ``machine_id`` is the machine it runs or is planned
    on; without one, ``needs_machine`` lets any take it that can do the process.
    """

    key: int
    job_id: int
    sequence: int
    order: tuple[Any, ...]
    minutes: float
    process_id: int
    machine_id: int | None = None
    needs_machine: bool = False
    is_running: bool = False


def remaining_minutes(planned_minutes: int, planned: int, remaining: int) -> float:
    """Return the planned minutes' share of the pieces that are not reported yet."""
    return planned_minutes * remaining / max(planned, 1)


class Forecast:
    """Plays the shop's work forward, from what runs now.

    A job's steps follow each other by their sequence; those that share one go side by side. What
    runs keeps its machine until it is done. A machine that comes free takes, of the steps that
    could begin on it then, the first in dispatch order, one at a time; steps without a machine
    begin at once. People, tools and material hold nothing up, and a machine that is down stays
    so. ``done`` has, by job, the working minutes until its last step is done; a job that waits
    for a machine that is down, or that there is none of, is not in it.

    Source: dispatching by a priority rule (non-delay schedule), Pinedo, "Scheduling: Theory,
    Algorithms, and Systems", 5th ed., section 14.1.
    """

    def __init__(self, work: Iterable[Work], able: Mapping[int, Collection[int]]) -> None:
        """``able`` says of each machine that is up which processes it can do."""
        self.done: dict[int, float] = {}
        self._able = able
        self._now = 0.0
        self._ends: list[tuple[float, int, Work]] = []
        self._busy: defaultdict[int, int] = defaultdict(int)
        self._own: defaultdict[int, list[tuple[Any, int, Work]]] = defaultdict(list)
        self._pool: defaultdict[int, list[tuple[Any, int, Work]]] = defaultdict(list)
        self._machines_of: defaultdict[int, list[int]] = defaultdict(list)
        for machine_id, processes in able.items():
            for process_id in processes:
                self._machines_of[process_id].append(machine_id)
        self._left = self._waves(work)
        self._current: dict[int, set[int]] = {}
        self._ended: set[int] = set()
        self._play()

    def _waves(self, work: Iterable[Work]) -> dict[int, list[list[Work]]]:
        """Return each job's steps, those that share a sequence together, the last ones first."""
        waves: defaultdict[int, list[list[Work]]] = defaultdict(list)
        place = attrgetter("job_id", "sequence")
        for (job_id, _), some in groupby(sorted(work, key=place), key=place):
            waves[job_id].append(list(some))
        for each in waves.values():
            each.reverse()
        return dict(waves)

    def _play(self) -> None:
        running = [work for waves in self._left.values() for wave in waves for work in wave]
        for work in running:
            if work.is_running:
                self._start(work)
        asked = {each for job_id in self._left for each in self._next_wave(job_id)}
        for machine_id in self._able:
            if machine_id in asked:
                self._take(machine_id)
        while self._ends:
            self._now, _, work = heappop(self._ends)
            self._end(work)

    def _start(self, work: Work) -> None:
        heappush(self._ends, (self._now + work.minutes, work.key, work))
        if work.machine_id is not None:
            self._busy[work.machine_id] += 1

    def _end(self, work: Work) -> None:
        if work.machine_id is not None:
            self._busy[work.machine_id] -= 1
        self._ended.add(work.key)
        current = self._current[work.job_id]
        current.discard(work.key)
        if not current:
            for machine_id in self._next_wave(work.job_id):
                self._take(machine_id)
        if work.machine_id is not None:
            self._take(work.machine_id)

    def _next_wave(self, job_id: int) -> set[int]:
        """Let the job's next steps begin or queue; return the machines that may take one."""
        asked: set[int] = set()
        waves = self._left[job_id]
        while waves:  # What runs already may have ended before its turn came.
            wave = [work for work in waves.pop() if work.key not in self._ended]
            if wave:
                self._current[job_id] = {work.key for work in wave}
                for work in wave:
                    if not work.is_running:
                        asked.update(self._queue(work))
                return asked
        self.done[job_id] = self._now
        return asked

    def _queue(self, work: Work) -> Collection[int]:
        if work.machine_id is not None:
            heappush(self._own[work.machine_id], (work.order, work.key, work))
            return [work.machine_id]
        if work.needs_machine:
            heappush(self._pool[work.process_id], (work.order, work.key, work))
            return self._machines_of[work.process_id]
        self._start(work)
        return ()

    def _take(self, machine_id: int) -> None:
        """Have a free machine that is up begin the first of what waits for it."""
        if self._busy[machine_id] or machine_id not in self._able:
            return
        queues = [self._own[machine_id], *(self._pool[each] for each in self._able[machine_id])]
        waiting = [queue for queue in queues if queue]
        if not waiting:
            return
        _, _, work = heappop(min(waiting, key=lambda queue: queue[0][:2]))
        self._start(replace(work, machine_id=machine_id))


@dataclass(frozen=True, slots=True)
class Hours:
    """The stretches in which the shop works, from now on, and the minutes up to each one's end."""

    stretches: Sequence[tuple[datetime, datetime]]
    minutes: Sequence[float]

    @classmethod
    def of(
        cls,
        shifts: Sequence[tuple[time, time]],
        holidays: Collection[date],
        *,
        now: datetime,
        zone: ZoneInfo,
        enough: float = inf,
    ) -> "Hours":
        """Take the shifts of every day that is no holiday; without any, the clock round.

        No more minutes are looked for than are ``enough``.
        """
        if not shifts:
            return cls([(now, now + LOOKS_AHEAD_DAYS * DAY)], [LOOKS_AHEAD_DAYS * DAY / MINUTE])
        days = _days(now.astimezone(zone).date(), holidays)
        stretches, minutes = [], [0.0]
        for start, end in _merge(_stretches(days, shifts, zone), since=now):
            stretches.append((start, end))
            minutes.append(minutes[-1] + (end - start) / MINUTE)
            if minutes[-1] >= enough:
                break
        return cls(stretches, minutes[1:])

    def after(self, minutes: float) -> datetime | None:
        """Return the instant when so many minutes were worked; None beyond LOOKS_AHEAD_DAYS."""
        place = bisect_left(self.minutes, minutes)
        if place == len(self.stretches):
            return None
        return self.stretches[place][1] - (self.minutes[place] - minutes) * MINUTE


def _days(today: date, holidays: Collection[date]) -> Iterator[date]:
    """Yield the working days from yesterday, whose last shift may go on."""
    for ahead in range(-1, LOOKS_AHEAD_DAYS):
        day = today + ahead * DAY
        if day not in holidays:
            yield day


def _stretches(
    days: Iterable[date], shifts: Sequence[tuple[time, time]], zone: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    for day in days:
        for starts_at, ends_at in sorted(shifts):
            last = day if ends_at > starts_at else day + DAY
            yield (
                datetime.combine(day, starts_at, zone).astimezone(UTC),
                datetime.combine(last, ends_at, zone).astimezone(UTC),
            )


def _merge(
    stretches: Iterable[tuple[datetime, datetime]], *, since: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the stretches from an instant on, each beginning no sooner than the last one ended."""
    reached = since
    for start, end in stretches:
        if end > reached:
            yield max(start, reached), end
            reached = end
