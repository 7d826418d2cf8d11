"""What operators do: start, join, resume, set up and run, report, pause, complete, go home."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override

from apps.accounts.models import User
from apps.core.errors import Invalid
from apps.jobs import policies
from apps.jobs.errors import (
    AlreadyStarted,
    AssignedElsewhere,
    IllegalTransition,
    MachineRequired,
    NotWorking,
)
from apps.jobs.models import JobStep, WorkLog
from apps.jobs.services.floor import Floor, named, not_now
from apps.jobs.services.machines import require_machine
from apps.jobs.services.reports import Report
from apps.jobs.states import LogKind, StepStatus

STARTABLE = (StepStatus.READY, StepStatus.PAUSED)
QUANTITIES = ("quantity_good", "quantity_scrap", "quantity_rework")
NOTHING = Report()
NO_CORRECTION = gettext_lazy("Work is setup or run.")


@transaction.atomic
def start_step(  # noqa: PLR0913 - what an operator may say when starting
    step_id: int,
    *,
    actor: User,
    kind: LogKind = LogKind.RUN,
    machine_id: int | None = None,
    join: bool = False,
    take_over: bool = False,
    user: User | None = None,
    version: int | None = None,
    resuming: bool = False,
) -> JobStep:
    """Start a ready step, resume a paused one, or join one in progress: a log is opened.

    ``resuming`` takes a paused one and no other.

    Raises:  ProcessNotPermitted, Stale, IllegalTransition, AlreadyStarted, AssignedElsewhere,
             MachineRequired, MachineUnavailable, Invalid.
    Locks:   the job, its steps, the machine.
    Queries: 6 (7 to join).
    """
    worker = user or actor
    floor, step = Floor.of_step(step_id, version=version)
    policies.require_work(actor, step, worker=worker)
    policies.require_active(worker, field="user")
    if kind == LogKind.CORRECTION:
        raise Invalid(str(NO_CORRECTION), field="kind")
    floor.require_active()
    joining = step.status == StepStatus.IN_PROGRESS and not resuming
    if joining:
        _require_join(step, worker, join=join)
    elif step.status not in ((StepStatus.PAUSED,) if resuming else STARTABLE):
        raise _cannot_start(step, resuming=resuming)
    note = _take(step, worker, take_over=take_over)
    memory = _remember(step, actor, floor)
    if not joining:
        _begin(floor, step, machine_id)
    log = WorkLog.objects.create(
        step=step,
        user=worker,
        machine_id=step.machine_id,
        kind=kind,
        started_at=floor.now,
        note=note,
    )
    step.assigned_to = step.assigned_to if joining else worker
    step.undo = memory | {"action": "start", "log": log.pk}
    floor.save()
    return step


@transaction.atomic
def report_step(
    step_id: int,
    report: Report,
    *,
    actor: User,
    user: User | None = None,
    version: int | None = None,
) -> JobStep:
    """Add what was made to the step and to the worker's open log; the step goes on.

    Raises:  ProcessNotPermitted, Stale, IllegalTransition, NotWorking, OverQuantity,
             ScrapWithoutReason, Invalid.
    Locks:   the job, its steps.
    Queries: 5.
    """
    floor, step = Floor.of_step(step_id, version=version)
    log, _ = _open_logs(floor, step, actor, user or actor)
    memory = _remember_report(floor, step, log, report, actor)
    _record(step, log, report)
    log.save(update_fields=[*QUANTITIES, "scrap_reason"])
    step.undo = memory | {"action": "report", "logs": []}
    floor.settle()
    floor.save()
    return step


@transaction.atomic
def pause_step(
    step_id: int,
    report: Report = NOTHING,
    *,
    actor: User,
    user: User | None = None,
    version: int | None = None,
) -> JobStep:
    """Close the worker's log with what was made; the step is paused when it was the last.

    Raises:  as ``report_step``.
    Locks:   the job, its steps, the machine.
    """
    floor, step = Floor.of_step(step_id, version=version)
    log, others = _open_logs(floor, step, actor, user or actor)
    memory = _remember_report(floor, step, log, report, actor)
    _record(step, log, report)
    _close(log, floor)
    if not others:
        floor.move(step, StepStatus.PAUSED)
    step.undo = memory | {"action": "pause", "logs": [log.pk]}
    floor.settle()
    floor.save()
    return step


@transaction.atomic
def complete_step(
    step_id: int,
    report: Report = NOTHING,
    *,
    actor: User,
    user: User | None = None,
    version: int | None = None,
) -> JobStep:
    """Finish a step in progress with what was made.

    Every open log closes, what waits for the step becomes ready, and with the last step the
    job is completed.

    Raises:  as ``report_step``.
    Locks:   the job, its steps, the machine.
    """
    floor, step = Floor.of_step(step_id, version=version)
    log, others = _open_logs(floor, step, actor, user or actor)
    memory = _remember_report(floor, step, log, report, actor)
    _record(step, log, report)
    _close(log, floor)
    for other in others:
        _close(other, floor)
    floor.move(step, StepStatus.COMPLETED)
    step.completed_at = floor.now
    closed = [log.pk, *(other.pk for other in others)]
    step.undo = memory | {"action": "complete", "logs": closed}
    floor.complete_if_done()
    floor.save()
    return step


@transaction.atomic
def change_work(step_id: int, kind: LogKind, *, actor: User) -> JobStep:
    """Go on with the step as setup, or as run: one log closes and another is opened.

    Nothing changes where the work is of that kind already.

    Raises: ProcessNotPermitted, IllegalTransition, NotWorking, Invalid.
    Locks:  the job, its steps.
    """
    if kind == LogKind.CORRECTION:
        raise Invalid(str(NO_CORRECTION), field="kind")
    floor, step = Floor.of_step(step_id)
    log, _ = _open_logs(floor, step, actor, actor)
    if log.kind == kind:
        return step
    _close(log, floor)
    WorkLog.objects.create(
        step=step, user=actor, machine_id=log.machine_id, kind=kind, started_at=floor.now
    )
    step.undo = None
    floor.save()
    return step


@transaction.atomic
def pause_all(*, actor: User) -> list[JobStep]:
    """Close every open log of the actor; steps that nobody else works on are paused.

    All or none. No right to the processes is asked: who has begun may stop, whatever became of
    the role since.

    Locks:   the jobs by key, their steps by key, the machines by key.
    Queries: 5 and one a machine's step, whatever else there is.
    """
    begun = WorkLog.objects.open().filter(user=actor).values_list("step_id", flat=True)
    found = Floor.of_steps(list(begun))
    open_logs = WorkLog.objects.open().filter(step__in=found).order_by("pk")
    logs = {log.step_id: log for log in open_logs if log.user_id == actor.pk}
    shared = {log.step_id for log in open_logs if log.user_id != actor.pk}
    held = [found[step_id] for step_id in sorted(logs)]
    if not held:
        return []
    floors = [floor for floor, _ in held]
    alone = [(floor, step) for floor, step in held if step.pk not in shared]
    floors[0].lock_machines(step.machine_id for _, step in alone)
    for floor, step in alone:
        floor.move(step, StepStatus.PAUSED)
    for _floor, step in held:
        step.undo = None
    WorkLog.objects.filter(pk__in=[log.pk for log in logs.values()]).update(ended_at=floors[0].now)
    Floor.save_all({id(floor): floor for floor in floors}.values())
    return [step for _, step in held]


def _begin(floor: Floor, step: JobStep, machine_id: int | None) -> None:
    """Put the step in progress on its machine, or on the one chosen."""
    wanted = machine_id or step.machine_id
    if wanted is None and step.process.needs_machine:
        words = _("%(step)s needs a machine: choose one.") % {"step": named(step)}
        raise MachineRequired(words, field="machine")
    floor.lock_machines([wanted], process=step.process)
    if wanted is not None:
        require_machine(floor.machines.get(wanted), step)
    step.machine_id = wanted
    floor.move(step, StepStatus.IN_PROGRESS)
    step.started_at = step.started_at or floor.now


def _require_join(step: JobStep, worker: User, *, join: bool) -> None:
    workers = [log.user for log in step.logs.open().select_related("user")]
    if worker in workers:
        words = _("%(user)s works on %(step)s already.")
        places = {"user": worker, "step": named(step)}
        raise AlreadyStarted(words % places, users=[str(worker)])
    if not join:
        who = [str(user) for user in workers]
        words = ngettext(
            "%(users)s works on %(step)s. You can join.",
            "%(users)s work on %(step)s. You can join.",
            len(who),
        )
        raise AlreadyStarted(words % {"users": ", ".join(who), "step": named(step)}, users=who)


def _cannot_start(step: JobStep, *, resuming: bool) -> IllegalTransition:
    if step.status != StepStatus.PENDING:
        started = _("%(step)s is %(state)s; it cannot be started.")
        resumed = _("%(step)s is %(state)s; it cannot be resumed.")
    else:
        started = _(
            "%(step)s is %(state)s; it cannot be started. It waits for the steps before it."
        )
        resumed = _(
            "%(step)s is %(state)s; it cannot be resumed. It waits for the steps before it."
        )
    return not_now(step, resumed if resuming else started)


def _take(step: JobStep, worker: User, *, take_over: bool) -> str:
    """Return what the log says of whose step it was.

    A step not begun is taken from someone only on purpose; a paused one is simply continued.
    """
    holder = step.assigned_to
    if holder is None or holder.pk == worker.pk or step.status == StepStatus.IN_PROGRESS:
        return ""
    if step.status == StepStatus.READY and not take_over:
        words = _("%(step)s is assigned to %(user)s.") % {"step": named(step), "user": holder}
        raise AssignedElsewhere(words, assigned_to=str(holder), user_id=holder.pk)
    with override(settings.LANGUAGE_CODE):  # It is kept, whatever its readers' languages.
        is_begun = step.status != StepStatus.READY
        words = _("Continued from %(user)s.") if is_begun else _("Taken over from %(user)s.")
    return words % {"user": holder}


def _remember(step: JobStep, actor: User, floor: Floor) -> dict[str, Any]:
    """Return what undoing needs of the step as it was."""
    return {
        "user": actor.pk,
        "at": floor.now.isoformat(),
        "status": step.status,
        "assigned_to": step.assigned_to_id,
        "machine": step.machine_id,
    }


def _remember_report(
    floor: Floor, step: JobStep, log: WorkLog, report: Report, actor: User
) -> dict[str, Any]:
    """Return what undoing a report needs of the step and of the log that is to take it."""
    return _remember(step, actor, floor) | {
        "log": log.pk,
        "report": [report.good, report.scrap, report.rework],
        "scrap_reason": log.scrap_reason_id,
    }


def _open_logs(
    floor: Floor, step: JobStep, actor: User, worker: User
) -> tuple[WorkLog, list[WorkLog]]:
    """Return the log that takes the worker's report, and the others' who work on the step.

    Permission and state are checked. Nobody opens or closes one meanwhile: the job is locked.
    """
    policies.require_work(actor, step, worker=worker)
    floor.require_active()
    if step.status != StepStatus.IN_PROGRESS:
        raise not_now(step, _("%(step)s is %(state)s; nothing can be reported to it."))
    logs = {log.user_id: log for log in step.logs.open().order_by("pk")}
    if worker.pk not in logs:
        places = {"user": worker, "step": named(step)}
        raise NotWorking(_("%(user)s does not work on %(step)s. Join it first.") % places)
    return logs.pop(worker.pk), list(logs.values())


def _record(step: JobStep, log: WorkLog, report: Report) -> None:
    report.check(step)
    report.add_to(step)
    report.add_to(log)
    if report.scrap:
        log.scrap_reason = report.scrap_reason


def _close(log: WorkLog, floor: Floor) -> None:
    log.ended_at = floor.now
    log.save(update_fields=["ended_at", *QUANTITIES, "scrap_reason"])
