"""Storing machines; their going down and coming back."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.db import refusals
from apps.core.errors import Invalid
from apps.core.records import delete_record, raise_version, require_record, save_record
from apps.machines.errors import AlreadyDown, DowntimeEnded, WrongReason
from apps.machines.models import Machine, MachineDowntime, Reason
from apps.machines.states import NOT_RECORDED, MachineStatus, ReasonKind
from apps.processes.models import Process


@transaction.atomic
def save_machine(
    machine: Machine,
    *,
    actor: User,
    fields: Collection[str] | None = None,
    processes: Iterable[Process] | None = None,
) -> None:
    """Insert or change a machine and, if given, what it can do. Raises: NotPermitted, Invalid."""
    save_record(machine, actor=actor, fields=fields)
    if processes is None:
        return
    wanted = {process.pk for process in processes}
    if wanted != set(machine.processes.values_list("pk", flat=True)):
        machine.processes.set(wanted)
        raise_version(machine)


@transaction.atomic
def save_downtime(
    downtime: MachineDowntime, *, actor: User, fields: Collection[str] | None = None
) -> MachineDowntime:
    """Record a downtime (open, or ended already) or change one; the machine's status follows.

    Steps that run on the machine go on as they are: the operator says what becomes of them.

    Raises: NotPermitted, AlreadyDown, WrongReason, Invalid.
    Locks:  the machine.
    """
    adding = downtime._state.adding
    require_record("add" if adding else "change", MachineDowntime, actor=actor)
    before = None if adding else MachineDowntime.objects.get(pk=downtime.pk)
    machines = {downtime.machine_id, before.machine_id if before else downtime.machine_id}
    locked = list(Machine.objects.locked().filter(pk__in=machines))
    _check(downtime)
    if before is None or before.reason_id != downtime.reason_id:
        _require_in_use(downtime.reason)
    if adding:
        downtime.reported_by = actor
    overlap = AlreadyDown(
        _("The machine has a downtime over that time already."), field="started_at"
    )
    with refusals(MachineDowntime, {"machine_downtimes_overlap_excl": overlap}):
        downtime.save(force_insert=adding, update_fields=None if adding else fields)
    for machine in locked:
        _refresh_status(machine)
    return downtime


def start_downtime(
    machine_id: int, *, reason: Reason, actor: User, note: str = "", at: datetime | None = None
) -> MachineDowntime:
    """Take a machine down, from ``at`` (aware; default now). See ``save_downtime``."""
    return save_downtime(
        MachineDowntime(
            machine_id=machine_id, reason=reason, note=note, started_at=at or timezone.now()
        ),
        actor=actor,
    )


@transaction.atomic
def end_downtime(downtime_id: int, *, actor: User, at: datetime | None = None) -> MachineDowntime:
    """Bring the machine back.

    Raises: NotPermitted, DowntimeEnded, Invalid.
    Locks:  the machine, then the downtime.
    """
    require_record("change", MachineDowntime, actor=actor)
    Machine.objects.locked().get(downtimes=downtime_id)
    downtime = MachineDowntime.objects.select_for_update(no_key=True).get(pk=downtime_id)
    if downtime.ended_at:
        raise DowntimeEnded(_("This downtime has ended already."))
    downtime.ended_at = at or timezone.now()
    return save_downtime(downtime, actor=actor, fields=["ended_at"])


@transaction.atomic
def delete_downtime(downtime: MachineDowntime, *, actor: User) -> None:
    """Take back a downtime recorded by mistake. Raises: NotPermitted. Locks: the machine."""
    machine = Machine.objects.locked().get(pk=downtime.machine_id)
    delete_record(downtime, actor=actor)
    _refresh_status(machine)


def count_running(machine_id: int, change: int) -> None:
    """Add to the number of steps in progress on a machine; its status follows.

    One statement, so that who only leaves a machine need not read it first; in SQL, because
    Django's compiling of it took a tenth of the processor time of a start. Locks: the machine.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE machines SET running_steps = running_steps + %(change)s, status = CASE"
            " WHEN status = %(down)s THEN status"
            " WHEN running_steps + %(change)s = 0 THEN %(idle)s ELSE %(running)s END"
            " WHERE id = %(id)s",
            {
                "id": machine_id,
                "change": change,
                "down": MachineStatus.DOWN,
                "idle": MachineStatus.IDLE,
                "running": MachineStatus.RUNNING,
            },
        )


def _refresh_status(machine: Machine) -> None:
    """Set a locked machine's status: down while a downtime is open, else as its steps say."""
    if MachineDowntime.objects.open().filter(machine=machine).exists():
        machine.status = MachineStatus.DOWN
    else:
        machine.status = MachineStatus.RUNNING if machine.running_steps else MachineStatus.IDLE
    machine.save(update_fields=["status"])


def _check(downtime: MachineDowntime) -> None:
    now = timezone.now()
    if downtime.started_at > now:
        raise Invalid(_("A downtime cannot start in the future."), field="started_at")
    if downtime.ended_at and downtime.ended_at > now:
        raise Invalid(_("A downtime cannot end in the future."), field="ended_at")
    if downtime.reason.kind != ReasonKind.DOWNTIME:
        words = _("“%(reason)s” is not a reason for a downtime.") % {"reason": downtime.reason}
        raise WrongReason(words, field="reason")


def _require_in_use(reason: Reason) -> None:
    if not reason.is_active:
        words = _("“%(reason)s” is not used any more: choose another reason.") % {"reason": reason}
        raise WrongReason(words, field="reason")


@transaction.atomic
def seed_reasons() -> None:
    """Make the reason ``not_recorded`` of each kind, if it is missing."""
    for kind in ReasonKind:
        Reason.objects.get_or_create(
            kind=kind, code=NOT_RECORDED, defaults={"name": "Not recorded"}
        )
