"""What the board shows: bounded reads only, each from an index."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts.models import User
from apps.core.paging import COUNT_AT_MOST
from apps.jobs.models import Job, JobStep, WorkLog
from apps.jobs.states import JobStatus
from apps.machines.models import Machine, MachineDowntime
from apps.machines.states import MachineStatus
from apps.processes.policies import EVERY
from apps.processes.selectors import process_rights
from apps.shop.selectors import today
from apps.shop.words import Due, due_words, roughly, since

LATE_AT_MOST = 10
MACHINES_AT_MOST = 120
RUNNING_AT_MOST = 1_000  # Logs of work going on.
SOON_DAYS = 7
LATE = (JobStatus.ACTIVE, JobStatus.ON_HOLD)
URGENCY = {MachineStatus.DOWN: 0, MachineStatus.RUNNING: 1, MachineStatus.IDLE: 2}


@dataclass(frozen=True, slots=True)
class Tile:
    """A number with its word and state; ``many`` when there are more than were counted.

    ``query`` is the filter of the office's list of jobs that shows the same.
    """

    label: str
    count: int
    status: str
    many: bool = False
    query: str = ""

    @property
    def said(self) -> str:
        """The number as the tile says it: ``1,000+`` when there are more."""
        return f"{self.count:,}{'+' if self.many else ''}"


@dataclass(frozen=True, slots=True)
class LateJob:
    """A job past its due date."""

    job: Job
    due: Due | None


@dataclass(frozen=True, slots=True)
class Running:
    """A step that runs on a machine, with who works on it."""

    step: JobStep
    workers: tuple[str, ...]

    @property
    def percent(self) -> int:
        """How much of it is made."""
        return min(100 * self.step.quantity_good // max(self.step.quantity_planned, 1), 100)


@dataclass(frozen=True, slots=True)
class Lamp:
    """A machine as the board shows it: its state, since when and why, and what runs."""

    machine: Machine
    since: str = ""
    lasting: str = ""
    reason: str = ""
    running: tuple[Running, ...] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """The board of those who see all jobs."""

    tiles: tuple[Tile, ...]
    late: tuple[LateJob, ...]
    lamps: tuple[Lamp, ...]
    has_more_machines: bool


def board() -> Board:
    """Return the board. Queries: 9, whatever the number of rows."""
    day = today()
    soon = day + timedelta(days=SOON_DAYS + 1)
    active = Job.objects.filter(status=JobStatus.ACTIVE)
    lamps, has_more = _lamps()
    return Board(
        tiles=(
            _tile("active jobs", active, status="active", query="status__exact=active"),
            _tile(
                "late",
                Job.objects.overdue(day),
                status="late",
                query=f"status__in=active,on_hold&due_date__lt={day}",
            ),
            _tile(
                f"due in {SOON_DAYS} days",
                active.filter(due_date__gte=day, due_date__lt=soon),
                status="soon",
                query=f"status__exact=active&due_date__gte={day}&due_date__lt={soon}",
            ),
            _tile(
                "on hold",
                Job.objects.filter(status=JobStatus.ON_HOLD),
                status="on_hold",
                query="status__exact=on_hold",
            ),
        ),
        late=_late(),
        lamps=lamps,
        has_more_machines=has_more,
    )


def my_tasks(user: User) -> tuple[Tile, ...]:
    """Return how many steps the user works on, has paused and may start. Queries: 4."""
    labels = {"in_progress": "running", "paused": "paused", "ready": "ready for you"}
    counts = count_tasks(user)
    return tuple(
        Tile(label, count, status=status, many=many)
        for status, label in labels.items()
        for count, many in [counts[status]]
    )


def count_tasks(user: User) -> dict[str, tuple[int, bool]]:
    """Return how many steps the user works on, has paused and may start, as ``_count`` does.

    Queries: 4.
    """
    free = None if user.has_perm(EVERY) else sorted(process_rights(user.role_id).execute)
    steps = JobStep.objects
    mine, nobodys = _count(steps.ready_for(user)), _count(steps.ready_for_anyone(free))
    return {
        "ready": (mine[0] + nobodys[0], mine[1] or nobodys[1]),
        "in_progress": _count(steps.at_work(user)),
        "paused": _count(steps.paused_for(user)),
    }


def _tile(label: str, rows: "QuerySet[Any]", *, status: str, query: str = "") -> Tile:
    count, many = _count(rows)
    return Tile(label, count, status=status, many=many, query=query)


def _count(rows: "QuerySet[Any]") -> tuple[int, bool]:
    """Return how many rows there are, counted no further than COUNT_AT_MOST. Queries: 1."""
    counted = rows.order_by()[: COUNT_AT_MOST + 1].count()
    return min(counted, COUNT_AT_MOST), counted > COUNT_AT_MOST


def _late() -> tuple[LateJob, ...]:
    """Return the jobs longest past their due date. Queries: 2.

    Each status is read in its own order and the two are merged: read together, the oldest due
    dates of all jobs, nearly all of them completed, would be passed over first.
    """
    found = [job for status in LATE for job in late_jobs(status)[:LATE_AT_MOST]]
    found.sort(key=lambda job: (job.due_date, job.pk))
    return tuple(LateJob(job, due_words(job.due_date)) for job in found[:LATE_AT_MOST])


def late_jobs(status: JobStatus) -> "QuerySet[Job]":
    """Return the late jobs in a status, latest first. Uses index: idx_jobs_status_due_date."""
    late = Job.objects.filter(status=status, due_date__lt=today())
    return late.select_related("customer").order_by("due_date", "pk")


def _lamps() -> tuple[tuple[Lamp, ...], bool]:
    """Return the machines in use, those down first, then those that run; and if there are more.

    Queries: 3.
    """
    machines = list(Machine.objects.active().order_by("code")[: MACHINES_AT_MOST + 1])
    shown, has_more = machines[:MACHINES_AT_MOST], len(machines) > MACHINES_AT_MOST
    ids = [machine.pk for machine in shown]
    downtimes = {each.machine_id: each for each in _downtimes(ids)}
    running = _running()
    shown.sort(key=lambda machine: (URGENCY[MachineStatus(machine.status)], machine.code))
    return tuple(_lamp(each, downtimes.get(each.pk), running[each.pk]) for each in shown), has_more


def _downtimes(machine_ids: Iterable[int]) -> "QuerySet[MachineDowntime]":
    """Uses index: idx_machine_downtimes_open."""
    open_now = MachineDowntime.objects.open().filter(machine__in=machine_ids)
    return open_now.select_related("reason")


def _running() -> defaultdict[int, list[Running]]:
    """Return what runs on each machine. Uses index: work_logs_open_uniq (whole: it is small)."""
    logs = WorkLog.objects.open().select_related("step__job", "step__process", "user")
    workers: defaultdict[tuple[int, JobStep], list[str]] = defaultdict(list)
    for log in logs.order_by("step_id", "user_id")[:RUNNING_AT_MOST]:
        if log.machine_id is not None:
            workers[log.machine_id, log.step].append(str(log.user))
    running: defaultdict[int, list[Running]] = defaultdict(list)
    for (machine_id, step), names in workers.items():
        running[machine_id].append(Running(step, tuple(names)))
    return running


def _lamp(machine: Machine, downtime: MachineDowntime | None, running: list[Running]) -> Lamp:
    if downtime is None:
        return Lamp(machine, running=tuple(running))
    return Lamp(
        machine,
        since=since(downtime.started_at),
        lasting=roughly(timezone.now() - downtime.started_at),
        reason=str(downtime.reason),
        running=tuple(running),
    )
