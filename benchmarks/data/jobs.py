"""The rows of jobs, and what became of each."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from apps.jobs.states import STEP_FINISHED, JobStatus, StartsAfter, StepStatus
from benchmarks.data import shape
from benchmarks.data.clock import Clock, working
from benchmarks.data.office import Office
from benchmarks.data.people import People
from benchmarks.data.routings import Operation, Routing
from benchmarks.data.rows import NULL, Table
from benchmarks.data.sizes import Size
from benchmarks.data.steps import Order, StepWriter
from benchmarks.data.words import NOTES, TITLE_ENDS

JOB_TABLE = Table(
    "jobs",
    (
        *("id", "number", "external_id", "title", "quantity", "priority", "status", "due_date"),
        *("notes", "released_at", "completed_at", "steps_total", "steps_done", "created_by_id"),
        *("customer_id", "part_id", "routing_id", "created_at", "updated_at", "version"),
    ),
)
CUSTOMER_STRIDE = 7_368_787  # A prime: spreads the best customers over the table.


@dataclass(frozen=True, slots=True)
class Odds:
    """How likely the step at which an active job stands is in a state; people bound the work."""

    at_work: float
    paused: float
    assigned: float

    @classmethod
    def of(cls, size: Size, people: People) -> "Odds":
        """Return the odds for so many jobs and operators."""
        standing = size.jobs * (shape.OPEN_AGE + shape.FORGOTTEN)
        standing *= 1 - shape.DRAFT - shape.ON_HOLD
        operators = len(people.operators)
        return cls(
            *(
                min(a_head * operators / standing, most)
                for a_head, most in (shape.AT_WORK, shape.PAUSED, shape.ASSIGNED)
            )
        )


@dataclass(slots=True)
class Job:
    """A job being made. Moments in the clock's seconds; ``lead`` is its lead time."""

    key: int
    routing: Routing
    order: Order
    status: JobStatus
    created: int
    lead: int
    released: int | None = None
    completed: int | None = None
    done: int = 0
    cancelled: int = 0


class JobWriter:
    """Makes jobs in order, and collects their rows; those of their steps go to ``steps``."""

    def __init__(
        self,
        rng: Random,
        size: Size,
        clock: Clock,
        office: Office,
        steps: StepWriter,
    ) -> None:
        self.jobs: list[str] = []
        self._rng, self._chance = rng, rng.random
        self._size, self._clock = size, clock
        self._routings, self._planners = office.routings, office.people.planners
        self._steps = steps
        self._odds = Odds.of(size, office.people)
        self._lengths = _lengths(rng)

    def take(self) -> str:
        """Return the jobs collected so far, and forget them."""
        jobs, self.jobs = self.jobs, []
        return "".join(jobs)

    def make(self, key: int) -> int:
        """Make the job with this number and its steps; return when it was created."""
        chance, clock = self._chance, self._clock
        created = int(clock.end * (key - 1) / self._size.jobs)
        lead_days = int(shape.LEAD_DAYS[0] + (shape.LEAD_DAYS[1] - shape.LEAD_DAYS[0]) * chance())
        due = NULL if chance() < shape.NO_DUE_DATE else clock.date_after(created, lead_days)
        group = self._routings[next(self._lengths)]
        routing = group[int(len(group) * chance() ** shape.ROUTING_SKEW)]
        quantity = shape.QUANTITIES[int(chance() * len(shape.QUANTITIES))]
        priority = shape.PRIORITIES[int(chance() * 100)]
        began = clock.text(created)
        order = Order(
            text=f"{began}\t{began}\t1\t{priority}\t{due}\t{quantity}\t{key}",
            quantity=quantity,
            made=f"{quantity}\t0\t0",
        )
        job = Job(key, routing, order, self._status(key), created, working(lead_days))
        self._live(job)
        self.jobs.append(self._row(job, began, f"{quantity}\t{priority}\t{job.status}\t{due}"))
        return created

    def _status(self, key: int) -> JobStatus:
        """Return what became of a job by now, by its age."""
        chance = self._chance
        age = (self._size.jobs - key) / self._size.jobs
        if chance() > math.exp(-age / shape.OPEN_AGE) and chance() > shape.FORGOTTEN:
            return JobStatus.CANCELLED if chance() < shape.CANCELLED else JobStatus.COMPLETED
        fate = chance()
        if fate < shape.DRAFT:
            return JobStatus.DRAFT
        return JobStatus.ON_HOLD if fate < shape.DRAFT + shape.ON_HOLD else JobStatus.ACTIVE

    def _live(self, job: Job) -> None:
        """Make the steps of a job."""
        as_draft = job.status == JobStatus.CANCELLED and self._chance() < shape.CANCELLED_AS_DRAFT
        if job.status == JobStatus.DRAFT or as_draft:
            status = StepStatus.CANCELLED if as_draft else StepStatus.PENDING
            for operation in job.routing.operations:
                self._steps.wait(job.order, operation, status)
            job.cancelled = len(job.routing.operations) if as_draft else 0
            return
        wait = int(self._chance() * working(shape.LONGEST_WAIT_DAYS))
        job.released = min(job.created + wait, self._clock.end)
        if job.status == JobStatus.COMPLETED:
            self._finish(job, job.released)
        else:
            self._stand(job, job.released)

    def _finish(self, job: Job, released: int) -> None:
        """Complete every step of a job, or skip it."""
        chance, complete = self._chance, self._steps.complete
        operations = job.routing.operations
        fastest, slowest = shape.DURATION
        lasts = int(job.lead * (fastest + (slowest - fastest) * chance()))
        width = min(lasts, self._clock.end - released) // len(operations)
        start = last = released
        for operation in operations:
            if chance() < shape.SKIPPED:
                self._steps.wait(job.order, operation, StepStatus.SKIPPED)
            else:
                last, _ = complete(
                    job.order, operation, start + int(width * chance() / 4), start + width
                )
            start += width
        job.completed = last
        job.done = len(operations)

    def _stand(self, job: Job, released: int) -> None:
        """Make the steps of a job that is going on, held or cancelled on its way."""
        operations = job.routing.operations
        front = int(len(operations) * self._chance())
        width = (self._clock.end - released) // (front + 2)
        course = _Course(operations[front].sequence)
        for place, operation in enumerate(operations):
            start = released + width * min(place, front)
            if operation.sequence < course.at:
                _, good = self._steps.complete(job.order, operation, start, start + width)
                status = StepStatus.COMPLETED
            else:
                status, good = self._front(job, operation, course, start, start + width)
            course.add(operation, status, good)
        job.done = course.done
        job.cancelled = course.cancelled

    def _front(
        self, job: Job, operation: Operation, course: "_Course", start: int, limit: int
    ) -> tuple[StepStatus, int]:
        """Make a step at which a job stands, or behind it; return its state and what was good."""
        fate = self._chance()
        may_begin = course.may_begin(operation)
        if may_begin and job.status == JobStatus.ACTIVE:
            return self._go_on(job, operation, fate, start, limit)
        if may_begin and fate < shape.BEGUN_WHEN_STOPPED:
            stopped = job.status == JobStatus.CANCELLED
            status = StepStatus.CANCELLED if stopped else StepStatus.PAUSED
            return status, self._steps.stop(job.order, operation, status, start, limit)
        if job.status == JobStatus.CANCELLED:
            status = StepStatus.CANCELLED
        else:
            status = StepStatus.READY if may_begin else StepStatus.PENDING
        self._steps.wait(job.order, operation, status)
        return status, 0

    def _go_on(
        self, job: Job, operation: Operation, fate: float, start: int, limit: int
    ) -> tuple[StepStatus, int]:
        """Make a step of an active job that may begin, or has begun."""
        odds, steps = self._odds, self._steps
        if fate < odds.at_work:
            good = steps.run(job.order, operation, start)
            if good is not None:
                return StepStatus.IN_PROGRESS, good
        elif fate < odds.at_work + odds.paused:
            status = StepStatus.PAUSED
            return status, steps.stop(job.order, operation, status, start, limit)
        given = self._chance() < odds.assigned
        assigned_to = self._rng.choice(operation.workers) if given else NULL
        steps.wait(job.order, operation, StepStatus.READY, assigned_to)
        return StepStatus.READY, 0

    def _row(self, job: Job, began: str, planned: str) -> str:
        """Return the job's own row; ``planned`` is from its quantity to its due date."""
        chance, clock = self._chance, self._clock
        parts = job.routing.parts
        part = parts[int(len(parts) * chance() ** shape.PART_SKEW)]
        title = part.name
        if chance() < shape.OWN_TITLE:
            title = f"{title}, {TITLE_ENDS[int(chance() * len(TITLE_ENDS))]}"
        notes = NOTES[int(chance() * len(NOTES))] if chance() < shape.WITH_NOTES else ""
        external = f"ERP-{job.key:08}" if chance() < shape.WITH_EXTERNAL_ID else NULL
        released = NULL if job.released is None else clock.text(job.released)
        completed = NULL if job.completed is None else clock.text(job.completed)
        changed, version = began, 1
        if chance() < shape.EDITED:
            later = job.created + int(chance() * job.lead)
            changed, version = clock.text(min(later, clock.end)), 2
        planner = self._planners[int(chance() * len(self._planners))]
        total = len(job.routing.operations) - job.cancelled
        return (
            f"{job.key}\tJOB-{job.key:06}\t{external}\t{title}\t{planned}\t{notes}\t{released}\t"
            f"{completed}\t{total}\t{job.done}\t{planner}\t{self._customer(job.key)}\t{part.key}\t"
            f"{job.routing.key}\t{began}\t{changed}\t{version}\n"
        )

    def _customer(self, key: int) -> int:
        """Return who ordered: a few of them most of the time, nobody who came later."""
        count = self._size.customers
        rank = int(count * self._chance() ** shape.CUSTOMER_SKEW)
        customer = rank * CUSTOMER_STRIDE % count
        known = count * shape.CUSTOMERS_BEFORE
        known += (count - known) * (key - 1) / self._size.jobs
        if customer >= known:
            customer = int(customer * known / count)
        return customer + 1


class _Course:
    """How far a job's steps are, as what comes after them sees it.

    ``at`` is the sequence at which the job stands.
    """

    def __init__(self, at: int) -> None:
        self.at = at
        self.done = self.cancelled = 0
        self._made: list[tuple[int, StepStatus, int]] = []

    def add(self, operation: Operation, status: StepStatus, good: int) -> None:
        """Take note of a step."""
        self._made.append((operation.sequence, status, good))
        self.done += status in STEP_FINISHED
        self.cancelled += status == StepStatus.CANCELLED

    def may_begin(self, operation: Operation) -> bool:
        """Whether the steps of lower sequence let this one begin."""
        early = operation.starts_after == StartsAfter.FIRST_GOOD
        return all(
            status in STEP_FINISHED or (early and good > 0)
            for sequence, status, good in self._made
            if sequence < operation.sequence
        )


def _lengths(rng: Random) -> Iterator[int]:
    """Yield numbers of steps, a shuffled thousand at a time: the mean is exact."""
    deck = [length for length, share in enumerate(shape.LENGTHS, start=1) for _ in range(share)]
    while True:
        rng.shuffle(deck)
        yield from deck
