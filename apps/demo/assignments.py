"""Who is meant to do what is waiting; the demo's operator finds a full day's work."""

from collections.abc import Iterator, Sequence
from random import Random

from apps.demo.calendar import NOW
from apps.demo.chance import happens
from apps.demo.courses import Course, Step
from apps.demo.floor import INSPECTION
from apps.demo.people import EARLY, OPERATOR, WORKERS
from apps.jobs.states import JobStatus, StepStatus

ASSIGNED_TO_OPERATOR = 4
_SHARE_ASSIGNED = 0.2
_PAUSED_FOR = 25  # Minutes.


def assign(rng: Random, courses: Sequence[Course]) -> None:
    """Assign some ready steps; see that the operator has one running, one paused, some ready."""
    waiting = list(_active(courses, StepStatus.READY))
    skills = next(person.skills for person in WORKERS if person.username == OPERATOR)
    own = [step for step in waiting if step.operation.process in skills]
    for step in rng.sample(own, ASSIGNED_TO_OPERATOR):
        step.assigned_to = OPERATOR
    for step in waiting:
        if step.assigned_to is None and happens(rng, _SHARE_ASSIGNED):
            process = step.operation.process
            step.assigned_to = rng.choice([p.username for p in WORKERS if process in p.skills])
    if not any(step.assigned_to == OPERATOR for step in _active(courses, StepStatus.IN_PROGRESS)):
        _hand_over(_running(courses)[0])
    _pause(_running(courses)[-1])


def _active(courses: Sequence[Course], status: StepStatus) -> Iterator[Step]:
    for course in courses:
        if course.status == JobStatus.ACTIVE:
            yield from (step for step in course.steps if step.status == status)


def _running(courses: Sequence[Course]) -> list[Step]:
    """Return the steps that one other person of the early shift has been at for a while."""
    early = {person.username for person in WORKERS if person.shift == EARLY}
    return [
        step
        for step in _active(courses, StepStatus.IN_PROGRESS)
        if {log.worker for log in step.logs} == {step.assigned_to}
        and step.assigned_to in early - {OPERATOR}
        and step.operation.process != INSPECTION
        and step.logs[-1].minutes > 2 * _PAUSED_FOR
    ]


def _hand_over(step: Step) -> None:
    step.assigned_to = OPERATOR
    for log in step.logs:
        log.worker = OPERATOR


def _pause(step: Step) -> None:
    """Let the operator have begun the step, and left it for something else a while ago."""
    _hand_over(step)
    step.status = StepStatus.PAUSED
    step.logs[-1].end = NOW - _PAUSED_FOR
    step.logs[-1].note = "Waiting for the fork lift."
