"""What becomes of an order: its steps, side by side or one after the other, and their states."""

from dataclasses import dataclass, field
from itertools import groupby

from apps.demo.calendar import NOW
from apps.demo.families import Operation
from apps.demo.orders import Order
from apps.demo.output import Stretch
from apps.jobs.states import STEP_FINISHED, JobStatus, StartsAfter, StepStatus


@dataclass(slots=True)
class Step:
    """A job step to be, with its work logs."""

    operation: Operation
    machine: str | None
    status: StepStatus = StepStatus.PENDING
    assigned_to: str | None = None
    logs: list[Stretch] = field(default_factory=list)
    ended: int | None = None  # Completed or skipped.
    first_good: int | None = None
    passed_on: int = 0  # Pieces the next step gets.

    @property
    def began(self) -> int | None:
        """When the first stretch of work began."""
        return min((log.start for log in self.logs), default=None)


@dataclass(slots=True)
class Course:
    """What became of an order."""

    order: Order
    stages: list[list[Step]]  # Steps of one sequence, which run side by side; in order.
    status: JobStatus = JobStatus.DRAFT
    at_stage: int = -1
    open_in_stage: int = 0

    @property
    def steps(self) -> list[Step]:
        """All steps, in sequence."""
        return [step for stage in self.stages for step in stage]

    @property
    def before(self) -> list[Step]:
        """The steps of lower sequence than those it is at."""
        return [step for stage in self.stages[: self.at_stage] for step in stage]

    @property
    def limit(self) -> int:
        """The minute after which nothing happens on it."""
        return NOW if self.order.stopped is None else self.order.stopped

    @property
    def completed(self) -> int | None:
        """When its last step ended."""
        ends = [step.ended for step in self.steps]
        return None if None in ends else max(end for end in ends if end is not None)


def make_course(order: Order) -> Course:
    """Return an order's course before anything happened."""
    steps = [Step(operation, operation.machine) for operation in order.family.operations]
    stages = groupby(steps, key=lambda step: step.operation.sequence)
    return Course(order, [list(stage) for _, stage in stages])


def ready_at(course: Course, step: Step) -> int | None:
    """Return when a step may begin, by the steps before it; None if they are not that far."""
    by_first_good = step.operation.starts_after == StartsAfter.FIRST_GOOD
    moments = [
        each.first_good if by_first_good and each.first_good is not None else each.ended
        for each in course.before
    ]
    if None in moments:
        return None
    return max([course.order.released or 0, *(when for when in moments if when is not None)])


def settle(course: Course) -> None:
    """Give the job the status that follows from its steps and from what the office did."""
    order = course.order
    if course.completed is not None:
        course.status = JobStatus.COMPLETED
    elif order.stopped_as is not None:
        course.status = order.stopped_as
    elif order.released is not None:
        course.status = JobStatus.ACTIVE
    if course.status == JobStatus.CANCELLED:
        for step in course.steps:
            if step.status not in STEP_FINISHED:
                step.status = StepStatus.CANCELLED
