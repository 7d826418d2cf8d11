"""The life of a job: release, hold, resume, complete, cancel, reopen."""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.jobs import policies
from apps.jobs.errors import IllegalTransition, NoSteps
from apps.jobs.models import Job, WorkLog
from apps.jobs.services.floor import Floor, not_now
from apps.jobs.states import STEP_OPEN, JobStatus, StepStatus


@transaction.atomic
def release_job(job_id: int, *, actor: User) -> Job:
    """Give a draft to the floor: its first steps are ready.

    Raises: NotPermitted, IllegalTransition, NoSteps. Locks: the job, its steps.
    """
    floor = _floor(job_id, actor, "release")
    if floor.job.status != JobStatus.DRAFT:
        raise not_now(floor.job, _("%(job)s is %(state)s; it cannot be released."))
    if not floor.steps:
        raise NoSteps(
            _("%(job)s has no steps yet: add some, or choose a routing.") % {"job": floor.job}
        )
    floor.move_job(JobStatus.ACTIVE)
    return _settled(floor)


@transaction.atomic
def hold_job(job_id: int, *, actor: User) -> Job:
    """Stop work on a job for now: running steps are paused, their logs closed.

    Raises: NotPermitted, IllegalTransition. Locks: the job, its steps, their machines.
    """
    floor = _floor(job_id, actor, "hold")
    floor.move_job(JobStatus.ON_HOLD)
    _stop(floor, StepStatus.PAUSED, (StepStatus.IN_PROGRESS,))
    return _settled(floor)


@transaction.atomic
def resume_job(job_id: int, *, actor: User) -> Job:
    """Let a held job go on; nothing is started.

    Raises: NotPermitted, IllegalTransition. Locks: the job, its steps.
    """
    floor = _floor(job_id, actor, "resume")
    if floor.job.status != JobStatus.ON_HOLD:
        raise not_now(floor.job, _("%(job)s is %(state)s; it cannot be resumed."))
    floor.move_job(JobStatus.ACTIVE)
    return _settled(floor)


@transaction.atomic
def complete_job(job_id: int, *, actor: User) -> Job:
    """Complete by hand a job of which every step is final.

    Raises: NotPermitted, IllegalTransition. Locks: the job, its steps.
    """
    floor = _floor(job_id, actor, "complete")
    floor.settle()
    if not floor.is_done and floor.job.status == JobStatus.ACTIVE:
        left = floor.job.steps_total - floor.job.steps_done
        words = ngettext(
            "%(job)s has %(left)s of %(total)s steps left: finish or skip it first.",
            "%(job)s has %(left)s of %(total)s steps left: finish or skip them first.",
            left,
        )
        places = {"job": floor.job, "left": left, "total": floor.job.steps_total}
        raise IllegalTransition(words % places, status=floor.job.status)
    floor.move_job(JobStatus.COMPLETED)
    floor.save()
    return floor.job


@transaction.atomic
def cancel_job(job_id: int, *, actor: User) -> Job:
    """Call a job off: every open step is cancelled, its logs closed; what was made stays.

    Raises: NotPermitted, IllegalTransition. Locks: the job, its steps, their machines.
    """
    floor = _floor(job_id, actor, "cancel")
    floor.move_job(JobStatus.CANCELLED)
    _stop(floor, StepStatus.CANCELLED, STEP_OPEN)
    return _settled(floor)


@transaction.atomic
def reopen_job(job_id: int, *, actor: User) -> Job:
    """Make a completed job active again, to add steps to it or reopen one.

    Raises: NotPermitted, IllegalTransition. Locks: the job, its steps.
    """
    floor = _floor(job_id, actor, "reopen")
    if floor.job.status != JobStatus.COMPLETED:
        raise not_now(floor.job, _("%(job)s is %(state)s; it cannot be reopened."))
    floor.move_job(JobStatus.ACTIVE)
    return _settled(floor)


def _floor(job_id: int, actor: User, action: str) -> Floor:
    policies.require_job_action(actor, action)
    return Floor.of_job(job_id)


def _settled(floor: Floor) -> Job:
    floor.settle()
    floor.save()
    return floor.job


def _stop(floor: Floor, to: StepStatus, among: tuple[StepStatus, ...]) -> None:
    """Move the steps that are in one of the states, and close their logs."""
    steps = [step for step in floor.steps if step.status in among]
    running = [step for step in steps if step.status == StepStatus.IN_PROGRESS]
    floor.lock_machines(step.machine_id for step in running)
    for step in steps:
        floor.move(step, to)
        step.undo = None
    WorkLog.objects.open().filter(step__in=running).update(ended_at=floor.now)
