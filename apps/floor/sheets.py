"""What a step's page shows besides its card: the job's steps, files, and what can be chosen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.floor.cards import Card
from apps.jobs.states import StepStatus
from apps.machines.states import MachineStatus, ReasonKind
from apps.processes.selectors import process_rights
from apps.shop.words import since

# Each part is a list of its own, read by its key. Uses index: idx_job_steps_job_order,
# idx_attachments_job, _step, _part and _routing_step, reasons_kind_code_uniq,
# idx_machine_downtimes_open.
_SHEET = """
SELECT
    (SELECT json_agg(json_build_array(other.id, kind.name, other.status,
            coalesce(nullif(holder.full_name, ''), holder.username),
            coalesce(other.completed_at, other.started_at), other.quantity_good,
            other.quantity_scrap) ORDER BY other.sequence, other.id)
        FROM job_steps other JOIN processes kind ON kind.id = other.process_id
        LEFT JOIN users holder ON holder.id = other.assigned_to_id
        WHERE other.job_id = %(job)s AND (%(sees_all)s OR other.process_id = ANY(%(view)s)
            OR other.assigned_to_id = %(user)s)),
    (SELECT json_agg(json_build_array(file.id, coalesce(nullif(file.title, ''), file.file_name))
            ORDER BY file.id)
        FROM (
            SELECT id, title, file_name FROM attachments WHERE job_id = %(job)s
            UNION ALL SELECT id, title, file_name FROM attachments WHERE step_id = %(step)s
            UNION ALL SELECT id, title, file_name FROM attachments WHERE part_id = %(part)s
            UNION ALL SELECT own.id, own.title, own.file_name
            FROM routing_steps planned JOIN attachments own ON own.routing_step_id = planned.id
            WHERE planned.routing_id = %(routing)s AND planned.sequence = %(sequence)s
                AND planned.process_id = %(process)s
                AND (%(sees_files)s OR planned.process_id = ANY(%(view)s))
        ) file),
    (SELECT json_agg(json_build_array(machine.id,
            CASE WHEN machine.code <> machine.name THEN machine.code || ' ' || machine.name
                 ELSE machine.name END,
            machine.status, machine.running_steps >= machine.capacity) ORDER BY machine.code)
        FROM machine_processes can JOIN machines machine ON machine.id = can.machine_id
        WHERE can.process_id = %(process)s AND machine.is_active AND %(chooses)s),
    (SELECT json_agg(json_build_array(id, name) ORDER BY name) FROM reasons
        WHERE kind = %(scrap)s AND is_active),
    (SELECT json_build_array(downtime.started_at, reason.name)
        FROM machine_downtimes downtime JOIN reasons reason ON reason.id = downtime.reason_id
        WHERE downtime.machine_id = %(machine)s AND downtime.ended_at IS NULL)
"""


@dataclass(frozen=True, slots=True)
class Beside:
    """A step of the same job; ``when`` it moved last, in words."""

    pk: int
    process: str
    status: str
    holder: str | None
    when: str
    good: int
    scrap: int

    @property
    def status_label(self) -> str:
        """The state in words."""
        return str(StepStatus(self.status).label)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a step's page shows besides its card.

    ``files`` and ``scrap_reasons`` are keys with their words, as are ``machines``, those that can
    do the step where one has to be chosen. ``down`` is since when its machine is down, and why.
    """

    steps: tuple[Beside, ...]
    files: tuple[tuple[int, str], ...]
    machines: tuple[tuple[int, str, str, bool | None], ...]
    scrap_reasons: tuple[tuple[int, str], ...]
    down: tuple[str, str] | None

    def machine_choices(self) -> list[tuple[int, str]]:
        """Return the machines to choose from; one that cannot be had just now says why."""
        return [
            (key, " · ".join(filter(None, (label, _hindrance(status, is_full=bool(is_full))))))
            for key, label, status, is_full in self.machines
        ]


def sheet_of(user: User, card: Card) -> Sheet:
    """Return what the page of a step shows besides its card. Queries: 1."""
    asked: dict[str, Any] = {
        "user": user.pk,
        "view": sorted(process_rights(user.role_id).view),
        "sees_all": user.has_perm("jobs.view_jobstep"),
        "sees_files": user.has_perm("jobs.view_attachment")
        or user.has_perm("jobs.view_routingstep"),
        "job": card.job_id,
        "step": card.pk,
        "part": card.part_id,
        "routing": card.routing_id,
        "sequence": card.sequence,
        "process": card.process_id,
        "machine": card.machine_id,
        "chooses": card.needs_machine and card.status in {StepStatus.READY, StepStatus.PAUSED},
        "scrap": ReasonKind.SCRAP.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SHEET, asked)
        steps, files, machines, reasons, down = cursor.fetchone()
    return Sheet(
        steps=tuple(map(_beside, steps or ())),
        files=tuple((each[0], each[1]) for each in files or ()),
        machines=tuple(tuple(each) for each in machines or ()),
        scrap_reasons=tuple((each[0], each[1]) for each in reasons or ()),
        down=(_when(down[0]), down[1]) if down else None,
    )


def _beside(told: list[Any]) -> Beside:
    pk, process, status, holder, moved_at, good, scrap = told
    return Beside(pk, process, status, holder, _when(moved_at), good, scrap)


def _hindrance(status: str, *, is_full: bool) -> str:
    if status == MachineStatus.DOWN:
        return _("down")
    return _("full") if is_full else ""


def _when(instant: Any) -> str:
    return since(datetime.fromisoformat(instant)) if instant else ""
