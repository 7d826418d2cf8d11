"""What the machines do now: the lamps of the board."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, FilteredRelation, Q, Value, When
from django.db.models.functions import Coalesce, NullIf

from apps.jobs.models import WorkLog
from apps.machines.models import Machine
from apps.machines.states import MachineStatus

MACHINES_AT_MOST = 500
RUNNING_AT_MOST = 1_000  # Logs of work going on.
OF_DOWNTIME = ("down__started_at", "down__reason__name", "down__note")
MOST_URGENT_FIRST = (MachineStatus.DOWN, MachineStatus.RUNNING, MachineStatus.IDLE)


@dataclass(frozen=True, slots=True)
class Running:
    """A step that runs on a machine, since when, and who works on it."""

    step_id: int
    job_id: int
    job: str
    process: str
    good: int
    planned: int
    since: datetime
    workers: tuple[str, ...]

    @property
    def percent(self) -> int:
        """How much of it is made."""
        return min(100 * self.good // max(self.planned, 1), 100)


@dataclass(frozen=True, slots=True)
class Lamp:
    """A machine: its state, since when (None: not known), why it is down, and what runs on it."""

    id: int
    code: str
    name: str
    status: str
    since: datetime | None
    reason: str
    note: str
    running: tuple[Running, ...]

    def __str__(self) -> str:
        return f"{self.code} {self.name}" if self.code != self.name else self.name


def read_lamps() -> tuple[tuple[Lamp, ...], bool]:
    """Return the machines in use, those down first, then those that run; and if there are more.

    Queries: 2. Uses index: idx_machine_downtimes_open.
    """
    urgency = Case(*(When(status=status, then=n) for n, status in enumerate(MOST_URGENT_FIRST)))
    down = FilteredRelation("downtimes", condition=Q(downtimes__ended_at=None))
    machines = Machine.objects.active().annotate(down=down).order_by(urgency, "code")
    rows = machines.values_list("id", "code", "name", "status", *OF_DOWNTIME)
    running = read_running()
    found = [_lamp(*row, running=running[row[0]]) for row in rows[: MACHINES_AT_MOST + 1]]
    return tuple(found[:MACHINES_AT_MOST]), len(found) > MACHINES_AT_MOST


def read_running() -> defaultdict[int, list[Running]]:
    """Return what runs on each machine, by the machine's key.

    Queries: 1. Uses index: work_logs_open_uniq (whole: it is small).
    """
    open_logs = WorkLog.objects.open().exclude(machine=None).order_by("step_id", "user_id")
    rows = open_logs.values_list(
        "machine_id",
        "step_id",
        "step__job_id",
        "step__job__number",
        "step__process__name",
        "step__quantity_good",
        "step__quantity_planned",
        "started_at",
        Coalesce(NullIf("user__full_name", Value("")), "user__username"),
    )
    at_work: defaultdict[tuple[Any, ...], list[tuple[datetime, str]]] = defaultdict(list)
    for *step, since, worker in rows[:RUNNING_AT_MOST]:
        at_work[tuple(step)].append((since, worker))
    found: defaultdict[int, list[Running]] = defaultdict(list)
    for (machine_id, *of_step), logs in at_work.items():
        since = min(since for since, _ in logs)
        workers = tuple(worker for _, worker in logs)
        found[machine_id].append(Running(*(*of_step, since, workers)))
    return found


def _lamp(*row: Any, running: Sequence[Running]) -> Lamp:
    *machine, down_since, reason, note = row
    since = down_since or min((each.since for each in running), default=None)
    return Lamp(*(*machine, since, reason or "", note or "", tuple(running)))
