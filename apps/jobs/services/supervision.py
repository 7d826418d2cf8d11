"""What supervisors do to steps: assign, skip, reopen."""

from django.db import transaction

from apps.accounts.models import User
from apps.core.bulk import alone
from apps.jobs import policies
from apps.jobs.errors import IllegalTransition
from apps.jobs.models import JobStep
from apps.jobs.services.floor import Floor, named
from apps.jobs.services.steps import StepChange, change_steps
from apps.jobs.states import JobStatus, StepStatus


def assign_step(step_id: int, user: User | None, *, actor: User) -> JobStep:
    """Give a step that nobody works on to a user who may do it, or to nobody.

    Raises: ProcessNotPermitted, IllegalTransition, Invalid.
    Locks:  the job, its steps.
    """
    with alone():
        return change_steps([StepChange(step_id, {"assigned_to": user})], actor=actor)[0]


@transaction.atomic
def skip_step(step_id: int, *, actor: User) -> JobStep:
    """Leave a step out; with the last one the job is completed.

    Raises: ProcessNotPermitted, IllegalTransition.
    Locks:  the job, its steps.
    """
    floor, step = Floor.of_step(step_id)
    policies.require_supervise(actor, step, doing="skip")
    floor.require_active()
    floor.move(step, StepStatus.SKIPPED)
    step.undo = None
    floor.complete_if_done()
    floor.save()
    return step


@transaction.atomic
def reopen_step(step_id: int, *, actor: User) -> JobStep:
    """Open a completed step again, while nothing after it has begun; its job with it.

    Nobody works on it yet, so that it waits as paused: a step is in progress only while a log
    is open.

    Raises: ProcessNotPermitted, IllegalTransition.
    Locks:  the job, its steps.
    """
    floor, step = Floor.of_step(step_id)
    policies.require_supervise(actor, step, doing="reopen")
    if step.status != StepStatus.COMPLETED:  # Others lead to in progress too, by a start.
        state = StepStatus(step.status)
        raise IllegalTransition(
            f"{named(step)} is {state.label.lower()}; only completed steps are reopened.",
            status=state.value,
        )
    begun = floor.begun_after(step)
    if begun:
        raise IllegalTransition(
            f"{named(begun[0])} has begun: {named(step)} cannot be reopened.", status=step.status
        )
    if floor.job.status == JobStatus.COMPLETED:
        floor.move_job(JobStatus.ACTIVE)
    floor.require_active()
    floor.move(step, StepStatus.IN_PROGRESS, takes_machine=False)
    step.completed_at = None
    step.undo = None
    floor.settle()
    floor.save()
    floor.move(step, StepStatus.PAUSED, takes_machine=False)
    floor.save()
    return step
