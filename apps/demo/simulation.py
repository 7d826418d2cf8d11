"""The floor's year, worked through: who did what, when and where, up to this moment.

Steps are taken as they become ready, by the first free person who can, on the first free
machine that can, within shifts and outside downtimes. Whatever runs at NOW is still running.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from random import Random

from apps.demo.calendar import DAY, NOW
from apps.demo.chance import happens
from apps.demo.courses import Course, Step, make_course, ready_at, settle
from apps.demo.floor import MACHINES, PROCESSES
from apps.demo.orders import Order
from apps.demo.output import Stretch, first_good, report_pieces, share_work
from apps.demo.people import EARLY, WORKERS, Person
from apps.demo.uptime import Uptime, make_downtimes
from apps.jobs.states import LogKind, StartsAfter, StepStatus

_PLANS = {plan.code: plan for plan in PROCESSES}
_SKIPPABLE = ("DEB", "WSH", "ENG", "INS")
_UNLIMITED = 3  # What the simulation puts on a machine without a capacity.
_SHORT_SETUP = 10  # Minutes under which nobody books setting up by itself.


@dataclass(slots=True)
class _Place:
    """One of the steps that a machine takes at once; of the bench, which is no machine, too."""

    machine: str | None
    uptime: Uptime
    free: int = 0


@dataclass(slots=True)
class _Worker:
    person: Person
    free: int = 0


class Floor:
    """The people and the machines, and until when each is taken."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.downtimes = make_downtimes(rng, [plan.code for plan in MACHINES])
        self._places = {
            plan.code: [
                _Place(plan.code, Uptime(self.downtimes[plan.code]))
                for _ in range(plan.capacity or _UNLIMITED)
            ]
            for plan in MACHINES
        }
        self._workers = [_Worker(person) for person in WORKERS]
        self._queue: list[tuple[int, int, Course, Step]] = []
        self._turns = count()

    def work(self, orders: Iterable[Order]) -> list[Course]:
        """Work the orders off, up to NOW."""
        courses = [make_course(order) for order in orders]
        for course in courses:
            if course.order.released is not None:
                self._open_stage(course)
        while self._queue:
            when, _, course, step = heappop(self._queue)
            self._take(course, step, when)
            course.open_in_stage -= 1
            if not course.open_in_stage:
                self._open_stage(course)
        for course in courses:
            settle(course)
        return courses

    def _open_stage(self, course: Course) -> None:
        """Make ready what the steps before allow, and queue it for when it is turned to."""
        course.at_stage += 1
        if course.at_stage == len(course.stages):
            return
        for step in course.stages[course.at_stage]:
            ready = ready_at(course, step)
            if ready is None:
                continue
            step.status = StepStatus.READY
            turned_to = self._turned_to(course, step, ready)
            if turned_to is not None:
                course.open_in_stage += 1
                heappush(self._queue, (turned_to, next(self._turns), course, step))

    def _turned_to(self, course: Course, step: Step, ready: int) -> int | None:
        """Return when someone turns to a ready step; None while that makes no sense yet."""
        order, rng = course.order, self._rng
        if course.steps.index(step) == order.late_step:
            return ready + rng.randint(4, 12) * DAY
        if step.operation.starts_after == StartsAfter.FINISHED or not course.before:
            patience = 1 - order.priority / 4
            return ready + round(rng.expovariate(1 / (1.3 * DAY)) * patience) + 10
        ends = [each.ended for each in course.before]
        if None in ends:
            return None
        # Running beside the step before, it must not end before it.
        own = step.operation.minutes(order.quantity) * 3 // 2
        return max(ready, *(end - own for end in ends if end is not None))

    def _take(self, course: Course, step: Step, when: int) -> None:
        """Work one step off as far as it goes before the course's limit."""
        rng, process = self._rng, step.operation.process
        pieces = min((each.passed_on for each in course.before), default=course.order.quantity)
        if process in _SKIPPABLE and happens(rng, 0.02):
            self._skip(course, step, when, pieces)
            return
        worker, place, start = self._choose(step, when)
        if start >= course.limit:
            return
        if not course.before and happens(rng, 0.02):
            pieces += max(1, pieces // 30)  # The bar yielded more than was asked for.
        self._work_off(course, step, worker, place, start, pieces)

    def _skip(self, course: Course, step: Step, when: int, pieces: int) -> None:
        at = Person("", "", "", (), EARLY).on_duty_from(when)
        if at < course.limit:
            step.status, step.passed_on = StepStatus.SKIPPED, pieces
            step.ended = step.first_good = at

    def _choose(self, step: Step, when: int) -> tuple[_Worker, _Place, int]:
        """Return who takes a step, where, and when both are there."""
        rng, process = self._rng, step.operation.process
        able = [worker for worker in self._workers if process in worker.person.skills]
        worker = min(
            able, key=lambda one: (one.person.on_duty_from(max(when, one.free)), rng.random())
        )
        ready = worker.person.on_duty_from(max(when, worker.free))
        place = min(
            self._able_places(step),
            key=lambda one: (one.uptime.up_from(max(ready, one.free)), rng.random()),
        )
        return worker, place, _both(worker.person, place, max(ready, place.free))

    def _able_places(self, step: Step) -> list[_Place]:
        if step.machine:
            return self._places[step.machine]
        process = step.operation.process
        if not _PLANS[process].needs_machine:
            return [_Place(None, Uptime(()))]
        able = (plan.code for plan in MACHINES if process in plan.processes)
        return [place for code in able for place in self._places[code]]

    def _work_off(
        self, course: Course, step: Step, worker: _Worker, place: _Place, start: int, pieces: int
    ) -> None:
        rng, operation = self._rng, step.operation
        pace = rng.uniform(0.75, 1.4)
        run = max(3, round(operation.minutes(pieces) * pace) - operation.setup)
        setup = operation.setup if operation.setup >= _SHORT_SETUP else 0
        work = [(LogKind.SETUP, setup), (LogKind.RUN, run)]
        step.logs, done = _stretches(worker.person, place, start, work, course.limit)
        worker.free = place.free = done or step.logs[-1].end or NOW + DAY
        report_pieces(rng, step.logs, pieces, run, _PLANS[operation.process].losses)
        step.machine, step.assigned_to = place.machine, worker.person.username
        step.first_good = first_good(step.logs)
        step.ended, step.status = done, _status(step.logs, done)
        step.passed_on = sum(log.good + log.rework for log in step.logs)
        if happens(rng, 0.07):
            share_work(rng, step.logs, self._helpers(worker.person, operation.process))

    def _helpers(self, person: Person, process: str) -> list[str]:
        return [
            other.username
            for other in WORKERS
            if other != person and other.shift == person.shift and process in other.skills
        ]


def _both(person: Person, place: _Place, when: int) -> int:
    """Return the first minute from ``when`` at which the person is there and the machine up."""
    while True:
        later = place.uptime.up_from(person.on_duty_from(when))
        if later == when:
            return when
        when = later


def _stretches(
    person: Person, place: _Place, start: int, work: Sequence[tuple[LogKind, int]], limit: int
) -> tuple[list[Stretch], int | None]:
    """Lay work out over shifts and downtimes; return it and when it was done, if before the limit.

    What goes on at NOW is left open; what is stopped earlier ends there.
    """
    logs: list[Stretch] = []
    when = start
    for kind, minutes in work:
        left = minutes
        while left > 0:
            when = _both(person, place, when)
            if when >= limit:
                return logs, None
            end = min(when + left, person.shift_end(when), place.uptime.down_from(when))
            logs.append(Stretch(person.username, kind, when, end))
            if end > limit:
                logs[-1].end = None if limit == NOW else limit
                return logs, None
            left -= end - when
            when = end
    return logs, when


def _status(logs: Sequence[Stretch], done: int | None) -> StepStatus:
    if done is not None:
        return StepStatus.COMPLETED
    return StepStatus.IN_PROGRESS if logs[-1].end is None else StepStatus.PAUSED
