"""What does not go by itself: corrections afterwards, and calls for help."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from apps.demo.calendar import DAY, NOW
from apps.demo.courses import Course, Step
from apps.demo.floor import DOWN_NOW
from apps.demo.output import Stretch
from apps.demo.people import LATE, OPERATOR, SUPERVISOR
from apps.jobs.states import LogKind, StepStatus

CORRECTIONS, HELP_CALLS = 24, 30
_MANY = 10  # Good pieces of which a few can be taken back.
_LONG = 40  # Minutes of running in which one can get stuck.
MISCOUNTS = (
    "Counted again at packing.",
    "Booked to the wrong side of the sheet.",
    "Inspection sorted these out.",
)
HELP = (
    "Drawing and routing disagree.",
    "First piece is out of tolerance.",
    "Program is not on the machine.",
    "Fixture missing.",
    "Crane needed.",
    "Material certificate missing.",
)


@dataclass(frozen=True, slots=True)
class Call:
    """A help call to be; at a step, or at a machine alone. Moments in the demo's minutes."""

    step: Step | None
    machine: str | None
    raised_by: str
    note: str
    raised: int
    answered_by: str | None = None
    answered: int | None = None


def correct_some(rng: Random, courses: Sequence[Course]) -> None:
    """Add corrections to some completed steps: a few good pieces were scrap after all."""
    completed = [
        step
        for course in courses
        for step in course.steps
        if step.status == StepStatus.COMPLETED and any(log.good > _MANY for log in step.logs)
    ]
    for step in rng.sample(completed, CORRECTIONS):
        wrong = rng.randint(1, 3)
        when = min(NOW, (step.ended or 0) + rng.randint(20, 90))
        step.logs.append(
            Stretch(
                SUPERVISOR,
                LogKind.CORRECTION,
                when,
                when,
                good=-wrong,
                scrap=wrong,
                reason="dimension",
                note=rng.choice(MISCOUNTS),
            )
        )


def make_calls(rng: Random, courses: Sequence[Course]) -> list[Call]:
    """Return the year's help calls, oldest first; the last few are open."""
    runs = [
        (step, log)
        for course in courses
        for step in course.steps
        for log in step.logs
        if log.kind == LogKind.RUN and log.minutes > _LONG
    ]
    past = [pair for pair in runs if pair[1].end is not None and pair[1].start < NOW - DAY]
    running = [pair for pair in runs if pair[1].end is None and pair[1].worker != OPERATOR]
    calls = [_answered(rng, step, log) for step, log in rng.sample(past, HELP_CALLS)]
    machine, ago, _, _ = DOWN_NOW[-1]
    calls.append(Call(None, machine, "hugo", "Who has a spare torch cable?", NOW - ago + 4))
    calls += [
        Call(step, step.machine, log.worker, note, NOW - ago)
        for (step, log), note, ago in zip(running, HELP, (17, 6), strict=False)
    ]
    return sorted(calls, key=lambda call: call.raised)


def _answered(rng: Random, step: Step, log: Stretch) -> Call:
    raised = log.start + log.minutes // 3
    by = "ines" if raised % DAY >= LATE[0] else rng.choice((SUPERVISOR, "rashid"))
    return Call(
        step, step.machine, log.worker, rng.choice(HELP), raised, by, raised + rng.randint(2, 35)
    )
