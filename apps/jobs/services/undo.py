"""Taking back what one did last to a step, within ten seconds."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.jobs.errors import NothingToUndo
from apps.jobs.models import JobStep, WorkLog
from apps.jobs.services.floor import Floor, named
from apps.jobs.services.machines import require_machine
from apps.jobs.services.reports import Report
from apps.jobs.states import JobStatus, StartsAfter, StepStatus

UNDO_WITHIN = timedelta(seconds=10)


@transaction.atomic
def undo_step(step_id: int, *, actor: User, at: str = "") -> JobStep:
    """Take back the actor's start, report, pause or completion, if nothing happened since.

    ``at`` is the moment in the memory of what is meant (``JobStep.undo``); without one it is
    the last that was done.

    Raises: NothingToUndo; MachineUnavailable when the machine took other work meanwhile.
    Locks:  the job, its steps, the machine.
    """
    floor, step = Floor.of_step(step_id)
    memory: dict[str, Any] = step.undo or {}
    if memory.get("user") != actor.pk or not _is_fresh(memory, floor.now):
        words = _("There is nothing of yours to undo on %(step)s.")
        raise NothingToUndo(words % {"step": named(step)})
    if at and at != memory["at"]:
        words = _("You have gone on with %(step)s since.")
        raise NothingToUndo(words % {"step": named(step)})
    floor.lock_machines([step.machine_id], process=step.process)
    if memory["action"] == "start":
        _undo_start(floor, step, memory)
    else:
        _undo_report(floor, step, memory)
    step.undo = None
    floor.save()  # Before what follows: no way leads from in progress straight to pending.
    floor.settle()
    floor.save()
    return step


def _is_fresh(memory: dict[str, Any], now: datetime) -> bool:
    return now - datetime.fromisoformat(memory["at"]) <= UNDO_WITHIN


def _undo_start(floor: Floor, step: JobStep, memory: dict[str, Any]) -> None:
    step.logs.filter(pk=memory["log"]).delete()
    if memory["status"] != StepStatus.IN_PROGRESS:  # Else it was joined, and others go on.
        floor.move(step, StepStatus(memory["status"]))
        step.machine_id = memory["machine"]
    if memory["status"] == StepStatus.READY:
        step.started_at = None
    step.assigned_to_id = memory["assigned_to"]


def _undo_report(floor: Floor, step: JobStep, memory: dict[str, Any]) -> None:
    """Take back what was reported, and with it the pause or the completion that said it."""
    report = Report(*memory["report"])
    if begun := _begun_by(floor, step, report):
        raise NothingToUndo(_("%(step)s has begun since.") % {"step": named(begun[0])})
    if floor.job.status == JobStatus.COMPLETED:
        floor.move_job(JobStatus.ACTIVE)
    floor.require_active()
    if step.status != StepStatus.IN_PROGRESS:
        if step.machine_id is not None:
            require_machine(floor.machines.get(step.machine_id), step)
        floor.move(step, StepStatus.IN_PROGRESS)
        step.completed_at = None
    report.add_to(step, sign=-1)
    step.logs.filter(pk__in=memory["logs"]).update(ended_at=None)
    log = WorkLog.objects.get(pk=memory["log"])
    report.add_to(log, sign=-1)
    log.scrap_reason_id = memory["scrap_reason"]
    log.save(update_fields=["quantity_good", "quantity_scrap", "quantity_rework", "scrap_reason"])


def _begun_by(floor: Floor, step: JobStep, report: Report) -> list[JobStep]:
    """Return the steps behind this one that have begun and would wait again."""
    begun = floor.begun_after(step)
    if step.status == StepStatus.COMPLETED:
        return begun
    are_first = 0 < report.good == step.quantity_good
    return [each for each in begun if are_first and each.starts_after == StartsAfter.FIRST_GOOD]
