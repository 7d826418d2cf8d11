"""Taking back the last start or completion, within ten seconds, by who did it."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.jobs.errors import NothingToUndo
from apps.jobs.models import JobStep, WorkLog
from apps.jobs.services.floor import Floor, named
from apps.jobs.services.machines import require_machine
from apps.jobs.services.reports import Report
from apps.jobs.states import JobStatus, StepStatus

UNDO_WITHIN = timedelta(seconds=10)


@transaction.atomic
def undo_step(step_id: int, *, actor: User) -> JobStep:
    """Take back the actor's start or completion of the step, if nothing happened since.

    Raises: NothingToUndo; MachineUnavailable when the machine took other work meanwhile.
    Locks:  the job, its steps, the machine.
    """
    floor, step = Floor.of_step(step_id)
    memory: dict[str, Any] = step.undo or {}
    if memory.get("user") != actor.pk or not _is_fresh(memory, floor.now):
        raise NothingToUndo(f"There is nothing of yours to undo on {named(step)}.")
    floor.lock_machines([step.machine_id], process=step.process)
    if memory["action"] == "start":
        _undo_start(floor, step, memory)
    else:
        _undo_completion(floor, step, memory)
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


def _undo_completion(floor: Floor, step: JobStep, memory: dict[str, Any]) -> None:
    begun = floor.begun_after(step)
    if begun:
        raise NothingToUndo(f"{named(begun[0])} has begun since.")
    if floor.job.status == JobStatus.COMPLETED:
        floor.move_job(JobStatus.ACTIVE)
    floor.require_active()
    if step.machine_id is not None:
        require_machine(floor.machines.get(step.machine_id), step)
    floor.move(step, StepStatus.IN_PROGRESS)
    step.completed_at = None
    report = Report(*memory["report"])
    report.add_to(step, sign=-1)
    step.logs.filter(pk__in=memory["logs"]).update(ended_at=None)
    log = WorkLog.objects.get(pk=memory["log"])
    report.add_to(log, sign=-1)
    log.scrap_reason_id = memory["scrap_reason"]
    log.save(update_fields=["quantity_good", "quantity_scrap", "quantity_rework", "scrap_reason"])
