"""What supervisors do to steps: assign, move, make urgent, skip, reopen."""

from typing import Protocol

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.bulk import alone
from apps.core.errors import Invalid, Stale
from apps.jobs import policies
from apps.jobs.errors import IllegalTransition
from apps.jobs.models import JobStep
from apps.jobs.services.floor import Floor, named, not_now
from apps.jobs.services.machines import cannot_do
from apps.jobs.services.steps import ASSIGNABLE, StepChange, change_steps
from apps.jobs.states import JobStatus, Priority, StepStatus


def assign_step(step_id: int, user: User | None, *, actor: User) -> JobStep:
    """Give a step that nobody works on to a user who may do it, or to nobody.

    Raises: ProcessNotPermitted, IllegalTransition, Invalid.
    Locks:  the job, its steps.
    """
    with alone():
        return change_steps([StepChange(step_id, {"assigned_to": user})], actor=actor)[0]


@transaction.atomic
def move_step(step_id: int, machine_id: int | None, *, actor: User) -> JobStep:
    """Plan a step that nobody works on for another machine, or for any that can do it.

    The machine need not be free: it is when the step starts that it must be.

    Raises: ProcessNotPermitted, IllegalTransition, MachineUnavailable, Invalid.
    Locks:  the job, its steps, the machine.
    """
    floor, step = Floor.of_step(step_id)
    policies.require_supervise(actor, step, doing="move")
    floor.require_active()
    if step.status not in ASSIGNABLE:
        raise not_now(step, _("%(step)s is %(state)s; it cannot be moved."))
    floor.lock_machines([machine_id], process=step.process)
    if machine_id is not None:
        machine = floor.machines.get(machine_id)
        if machine is None:
            raise Invalid(_("There is no such machine."), field="machine")
        if not machine.is_active or not getattr(machine, "can_do", False):
            raise cannot_do(machine, step, field="machine")
    step.machine_id = machine_id
    step.undo = None
    floor.save()
    return step


@transaction.atomic
def prioritise_step(step_id: int, priority: Priority, *, actor: User) -> JobStep:
    """Make a step more or less urgent: its job, and so all steps of the job.

    Who supervises the step may, without the right to change jobs otherwise: which of the work at
    hand comes first is decided on the floor.

    Raises: ProcessNotPermitted, IllegalTransition.
    Locks:  the job, its steps.
    """
    floor, step = Floor.of_step(step_id)
    policies.require_supervise(actor, step, doing="prioritise")
    floor.require_active()
    floor.job.priority = step.priority = priority
    floor.job.save(update_fields=["priority"])
    JobStep.objects.filter(job=floor.job).update(priority=priority)
    return step


class Glimpsed(Protocol):
    """A step, or what a page has read of one."""

    @property
    def version(self) -> int:
        """See ``JobStep``, here and below."""

    @property
    def status(self) -> str: ...  # noqa: D102

    @property
    def assigned_to_id(self) -> int | None: ...  # noqa: D102

    @property
    def priority(self) -> int: ...  # noqa: D102


def glimpse_of(step: Glimpsed) -> str:
    """Return what a supervisor sees of a step, in a word: it is another when any of it changes.

    The version says nothing of status, assignment and priority, which make no form of the office
    stale; on the floor they are all that is decided upon.
    """
    seen = (step.version, step.status, step.assigned_to_id, step.priority)
    return "-".join("" if each is None else str(each) for each in seen)


def require_glimpse(step_id: int, glimpse: str, *, actor: User) -> JobStep:
    """Refuse a step that is no longer as it was seen; within the transaction of what follows.

    Raises: ProcessNotPermitted, Stale; JobStep.DoesNotExist.
    Locks:  the job, its steps.
    """
    step = Floor.of_step(step_id)[1]
    policies.require_supervise(actor, step, doing="change")
    if glimpse and glimpse != glimpse_of(step):
        words = _("%(step)s was changed meanwhile: look at it again.") % {"step": named(step)}
        raise Stale(words, current=step.version)
    return step


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
        raise not_now(step, _("%(step)s is %(state)s; only completed steps are reopened."))
    begun = floor.begun_after(step)
    if begun:
        places = {"begun": named(begun[0]), "step": named(step)}
        raise IllegalTransition(
            _("%(begun)s has begun: %(step)s cannot be reopened.") % places, status=step.status
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
