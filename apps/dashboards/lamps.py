"""What the machines do now: the lamps of the board.

There are hundreds of them, kept: tuples with names are written and read in C.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Case, FilteredRelation, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, NullIf

from apps.core.standing import Standing
from apps.jobs.models import HelpCall, WorkLog
from apps.jobs.states import LogKind
from apps.machines.models import Machine
from apps.machines.states import MachineStatus

MACHINES_AT_MOST = 500
RUNNING_AT_MOST = 1_000  # Logs of work going on.
CALLS_AT_MOST = 1_000  # That nobody has answered.
SETUP, HELP = "setup", "help"  # What a lamp shows besides a machine's status.
OF_DOWNTIME = ("down__started_at", "down__reason__name", "down__note")
MOST_URGENT_FIRST = (MachineStatus.DOWN, MachineStatus.RUNNING, MachineStatus.IDLE)


class Running(NamedTuple):
    """A step that runs on a machine, since when, and who works on it.

    ``is_setup`` while all of them set it up, and nothing is made yet.
    """

    step_id: int
    job_id: int
    job: str
    process: str
    good: int
    planned: int
    since: datetime
    workers: tuple[str, ...]
    is_setup: bool = False

    @property
    def percent(self) -> int:
        """How much of it is made."""
        return min(100 * self.good // max(self.planned, 1), 100)


class Lamp(NamedTuple):
    """A machine: its state, since when (None: not known), why it is down, and what runs on it.

    ``has_call`` says that help was called to it, or to a step of it, and nobody has answered.
    """

    id: int
    code: str
    name: str
    status: str
    since: datetime | None
    reason: str
    note: str
    running: tuple[Running, ...]
    has_call: bool = False

    @property
    def shown(self) -> str:
        """What the lamp shows: its status, unless somebody has called for help or sets it up."""
        if self.status == MachineStatus.DOWN:
            return self.status
        if self.has_call:
            return HELP
        is_setup = bool(self.running) and all(each.is_setup for each in self.running)
        return SETUP if is_setup else self.status

    def __str__(self) -> str:
        return f"{self.code} {self.name}" if self.code != self.name else self.name


def _machines() -> "QuerySet[Machine, Any]":
    urgency = Case(*(When(status=status, then=n) for n, status in enumerate(MOST_URGENT_FIRST)))
    down = FilteredRelation("downtimes", condition=Q(downtimes__ended_at=None))
    machines = Machine.objects.active().annotate(down=down).order_by(urgency, "code")
    rows = machines.values_list("id", "code", "name", "status", *OF_DOWNTIME)
    return rows[: MACHINES_AT_MOST + 1]


def _open_logs() -> "QuerySet[WorkLog, Any]":
    open_logs = WorkLog.objects.open().exclude(machine=None).order_by("step_id", "user_id")
    return open_logs.values_list(
        "machine_id",
        "step_id",
        "step__job_id",
        "step__job__number",
        "step__process__name",
        "step__quantity_good",
        "step__quantity_planned",
        "kind",
        "started_at",
        Coalesce(NullIf("user__full_name", Value("")), "user__username"),
    )[:RUNNING_AT_MOST]


def _open_calls() -> "QuerySet[HelpCall, Any]":
    calls = HelpCall.objects.open().order_by("raised_at")
    return calls.values_list(Coalesce("machine_id", "step__machine_id"))[:CALLS_AT_MOST]


# Uses index: idx_machine_downtimes_open.
_ask_machines = Standing(_machines)
# Uses index: work_logs_open_uniq (whole: it is small).
_ask_logs = Standing(_open_logs)
# Uses index: idx_help_calls_open (whole: it is small).
_ask_calls = Standing(_open_calls)


def read_lamps() -> tuple[tuple[Lamp, ...], bool]:
    """Return the machines in use, those down first, then those that run; and if there are more.

    Queries: 3.
    """
    running, called = read_running(), read_called()
    found = [
        _lamp(*row, running=running[row[0]], has_call=row[0] in called) for row in _ask_machines()
    ]
    return tuple(found[:MACHINES_AT_MOST]), len(found) > MACHINES_AT_MOST


def read_running() -> defaultdict[int, list[Running]]:
    """Return what runs on each machine, by the machine's key. Queries: 1."""
    at_work: defaultdict[tuple[Any, ...], list[tuple[str, datetime, str]]] = defaultdict(list)
    for *step, kind, since, worker in _ask_logs():
        at_work[tuple(step)].append((kind, since, worker))
    found: defaultdict[int, list[Running]] = defaultdict(list)
    for (machine_id, *of_step), logs in at_work.items():
        kinds, begun, workers = zip(*logs, strict=True)
        is_setup = set(kinds) == {LogKind.SETUP}
        found[machine_id].append(Running(*(*of_step, min(begun), workers, is_setup)))
    return found


def read_called() -> frozenset[int]:
    """Return the keys of the machines that somebody calls help to, or to a step planned for them.

    Queries: 1.
    """
    return frozenset(place for (place,) in _ask_calls() if place is not None)


def _lamp(*row: Any, running: Sequence[Running], has_call: bool) -> Lamp:
    *machine, down_since, reason, note = row
    since = down_since or min((each.since for each in running), default=None)
    return Lamp(*(*machine, since, reason or "", note or "", tuple(running), has_call))
