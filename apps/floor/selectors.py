"""What an operator may do next, in dispatch order, and what one step's page shows."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.utils import timezone

from apps.accounts.models import User
from apps.jobs.models import HelpCall, JobStep, WorkLog
from apps.jobs.querysets import JobStepQuerySet, WorkLogQuerySet
from apps.jobs.services.undo import UNDO_WITHIN
from apps.jobs.states import JobStatus, LogKind, StepStatus
from apps.machines.models import Machine
from apps.processes.policies import EVERY
from apps.processes.selectors import process_rights
from apps.shop.words import Due, clock, due_words, since

T = TypeVar("T")

# More than these on one page help nobody.
RUNNING_AT_MOST = 20
PAUSED_AT_MOST = 20
NEXT_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Task:
    """A step as its card shows it.

    ``place`` is its number among the job's steps, from 1. ``since`` and ``kind`` are of the
    user's open log, None without one. ``workers`` are the others who work on it now.
    ``machines`` are those to choose from where one has to be chosen before the start.
    """

    step: JobStep
    place: int
    due: Due | None
    now: datetime
    since: datetime | None = None
    kind: LogKind | None = None
    workers: tuple[str, ...] = ()
    machines: tuple[Machine, ...] = ()
    is_help_called: bool = False

    @property
    def elapsed(self) -> str:
        """How long the user has been at it, as a timer shows it."""
        return clock(self.now - self.since if self.since else timedelta())

    @property
    def is_mine(self) -> bool:
        """Whether the user works on it now."""
        return self.since is not None

    @property
    def is_set_up(self) -> bool:
        """Whether the user's work on it is setting up."""
        return self.kind == LogKind.SETUP


@dataclass(frozen=True, slots=True)
class Work:
    """What the user does and may do, each list in the order of the page."""

    running: tuple[Task, ...]
    paused: tuple[Task, ...]
    upcoming: tuple[Task, ...]
    has_more: bool
    may_work: bool


def my_work(user: User) -> Work:
    """Return what the user works on, has paused, and may start next in dispatch order.

    Queries: 10 at most, whatever the number of rows.
    """
    now = timezone.now()
    labels = ("step__job__customer", "step__job__part", "step__process", "step__machine")
    logs = list(_open_logs(user).select_related(*labels))
    running = [log.step for log in logs]
    paused = list(_put_down(user, [step.pk for step in running]).with_labels())
    ready = [step for steps in _startable(user) for step in steps.with_labels()]
    upcoming, has_more = first_of(sorted(ready, key=_dispatch_key))
    tasks = _Tasks(now, user, logs, [*running, *paused, *upcoming], choosing=upcoming)
    return Work(
        running=tasks.of(running),
        paused=tasks.of(paused),
        upcoming=tasks.of(upcoming),
        has_more=has_more,
        may_work=may_work_at_all(user),
    )


def my_task(user: User, step: JobStep) -> Task:
    """Return one step as its page shows it. Queries: 4."""
    logs = list(WorkLog.objects.open().filter(user=user, step=step))
    return _Tasks(timezone.now(), user, logs, [step], choosing=[]).of([step])[0]


def seen_steps(user: User, step: JobStep) -> list[tuple[JobStep, str]]:
    """Return the steps of the same job that the user may see, in order, and when each moved last.

    Uses index: idx_job_steps_job_order.
    """
    steps = JobStep.objects.visible_to(user).filter(job=step.job_id)
    seen = steps.select_related("process", "assigned_to").order_by("sequence", "pk")
    return [(each, _when(each.completed_at or each.started_at)) for each in seen]


def _when(instant: datetime | None) -> str:
    return since(instant) if instant else ""


def may_work_at_all(user: User) -> bool:
    """Whether the user's role may work on any process. Queries: 0 while cached."""
    return user.has_perm(EVERY) or bool(process_rights(user.role_id).execute)


def undoable(user: User, step_id: int) -> JobStep | None:
    """Return the step if its last start or completion is the user's to take back still."""
    step = JobStep.objects.visible_to(user).with_labels().filter(pk=step_id).first()
    memory: dict[str, Any] = (step.undo if step else None) or {}
    if memory.get("user") != user.pk:
        return None
    fresh = timezone.now() - datetime.fromisoformat(memory["at"]) <= UNDO_WITHIN
    return step if fresh else None


def my_steps(user: User) -> tuple[list[int], JobStepQuerySet]:
    """Return the keys of what the user works on, and the steps of ``my_work`` in dispatch order.

    Those ready come a few too many: ``first_of`` says which are told, and whether there are more.

    Queries: 1, and 1 when the steps are read.
    """
    running = list(_open_logs(user).values_list("step_id", flat=True))
    others = (steps.values("pk") for steps in (_put_down(user, running), *_startable(user)))
    keys = JobStep.objects.filter(pk__in=running).values("pk").union(*others)
    return running, JobStep.objects.filter(pk__in=keys).in_dispatch_order()


def first_of(ready: Sequence[T]) -> tuple[Sequence[T], bool]:
    """Return the first of what may be started next, and whether there is more."""
    return ready[:NEXT_AT_MOST], len(ready) > NEXT_AT_MOST


def _open_logs(user: User) -> WorkLogQuerySet:
    """Uses index: idx_work_logs_open_user."""
    return WorkLog.objects.open().filter(user=user).order_by("pk")[:RUNNING_AT_MOST]


def _put_down(user: User, running: Iterable[int]) -> JobStepQuerySet:
    """Return what the user has put down: paused, or going on in others' hands.

    Uses index: idx_job_steps_assigned_status.
    """
    mine = JobStep.objects.filter(
        assigned_to=user,
        status__in=(StepStatus.PAUSED, StepStatus.IN_PROGRESS),
        job__status=JobStatus.ACTIVE,
    )
    return mine.exclude(pk__in=running).in_dispatch_order()[:PAUSED_AT_MOST]


def _startable(user: User) -> Iterator[JobStepQuerySet]:
    """Yield the first ready steps that are the user's, and those that nobody has: one too many.

    Two reads, each in the order of its own index, to be merged: one read with OR has no index.
    """
    free = None if user.has_perm(EVERY) else sorted(process_rights(user.role_id).execute)
    for steps in (JobStep.objects.ready_for(user), JobStep.objects.ready_for_anyone(free)):
        yield steps.in_dispatch_order()[: NEXT_AT_MOST + 1]


def _dispatch_key(step: JobStep) -> tuple[Any, ...]:
    return (-step.priority, step.due_date is None, step.due_date, step.sequence, step.pk)


class _Tasks:
    """Reads once, for all steps of a page, what their cards show besides the step."""

    def __init__(
        self,
        now: datetime,
        user: User,
        logs: Iterable[WorkLog],
        steps: Sequence[JobStep],
        *,
        choosing: Sequence[JobStep],
    ) -> None:
        ids = [step.pk for step in steps]
        self.now = now
        self.logs = {log.step_id: log for log in logs}
        self.places = _places({step.job_id for step in steps})
        self.workers = _workers(ids, user)
        self.called = set(
            HelpCall.objects.open().filter(step__in=ids).values_list("step_id", flat=True)
        )
        machineless = [s for s in choosing if s.process.needs_machine and s.machine_id is None]
        self.choosing = {step.pk for step in machineless}
        self.machines = _machines({step.process_id for step in machineless})

    def of(self, steps: Iterable[JobStep]) -> tuple[Task, ...]:
        """Return the steps as tasks."""
        return tuple(self._task(step) for step in steps)

    def _task(self, step: JobStep) -> Task:
        log = self.logs.get(step.pk)
        return Task(
            step=step,
            place=self.places[step.pk],
            due=due_words(step.due_date, now=self.now),
            now=self.now,
            since=log.started_at if log else None,
            kind=LogKind(log.kind) if log else None,
            workers=tuple(self.workers[step.pk]),
            machines=tuple(self.machines[step.process_id] if step.pk in self.choosing else ()),
            is_help_called=step.pk in self.called,
        )


def _places(job_ids: Iterable[int]) -> dict[int, int]:
    """Return each step's number in its job. Uses index: idx_job_steps_job_order."""
    rows = JobStep.objects.filter(job__in=job_ids).order_by("job_id", "sequence", "pk")
    counted: defaultdict[int, int] = defaultdict(int)
    places = {}
    for job_id, step_id in rows.values_list("job_id", "pk"):
        counted[job_id] += 1
        places[step_id] = counted[job_id]
    return places


def _workers(step_ids: Iterable[int], user: User) -> defaultdict[int, list[str]]:
    """Return who else works on each step now. Uses index: work_logs_open_uniq."""
    logs = WorkLog.objects.open().filter(step__in=step_ids).exclude(user=user)
    workers: defaultdict[int, list[str]] = defaultdict(list)
    for log in logs.select_related("user").order_by("pk"):
        workers[log.step_id].append(str(log.user))
    return workers


def _machines(process_ids: Iterable[int]) -> defaultdict[int, list[Machine]]:
    """Return the machines in use that can do each process, by code."""
    able = Machine.processes.through.objects.filter(
        process__in=process_ids, machine__is_active=True
    )
    machines: defaultdict[int, list[Machine]] = defaultdict(list)
    for row in able.select_related("machine").order_by("machine__code"):
        machines[row.process_id].append(row.machine)
    return machines
