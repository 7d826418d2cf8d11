"""A job under lock, with all its steps: the one place that moves a status."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Self

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.db import update_tables
from apps.core.errors import Stale
from apps.jobs.errors import IllegalTransition
from apps.jobs.models import Job, JobStep
from apps.jobs.states import (
    JOB_NEXT,
    STEP_BEGUN,
    STEP_FINISHED,
    STEP_NEXT,
    STEP_WAITING,
    JobStatus,
    StartsAfter,
    StepStatus,
)
from apps.machines.models import Machine
from apps.machines.services import count_running
from apps.processes.models import Process

Values = tuple[Any, ...]

JOB_COLUMNS = ("status", "released_at", "completed_at", "steps_total", "steps_done")
STEP_COLUMNS = (
    "status",
    "machine_id",
    "assigned_to_id",
    "quantity_good",
    "quantity_scrap",
    "quantity_rework",
    "started_at",
    "completed_at",
    "undo",
)


class Floor:
    """A locked job, its locked steps in order, and the machines locked so far.

    Change its rows, ``move`` their states, then ``save``: only what changed is written.
    """

    def __init__(self, job: Job, steps: Iterable[JobStep]) -> None:
        self.now: datetime = timezone.now()
        self.job = job
        self.steps = sorted(steps, key=lambda step: (step.sequence, step.pk))
        for step in self.steps:
            step.job = job
        self.machines: dict[int, Machine] = {}
        self._job_before = {job.pk: _snapshot(job, JOB_COLUMNS)}
        self._before = {step.pk: _snapshot(step, STEP_COLUMNS) for step in self.steps}

    @classmethod
    def of_job(cls, job_id: int) -> Self:
        """Lock a job and its steps. Raises: Job.DoesNotExist. Queries: 2."""
        job = Job.objects.locked().get(pk=job_id)
        return cls(job, _locked_steps().filter(job=job))

    @classmethod
    def of_step(cls, step_id: int, *, version: int | None = None) -> tuple[Self, JobStep]:
        """Lock the job of a step; return it and the step.

        Raises: JobStep.DoesNotExist; Stale when the step is no longer at ``version``.
        """
        job = Job.objects.locked().filter(steps=step_id).first()
        if job is None:
            raise JobStep.DoesNotExist
        floor = cls(job, _locked_steps().filter(job=job))
        step = next(step for step in floor.steps if step.pk == step_id)
        require_version(step, version)
        return floor, step

    @classmethod
    def of_steps(cls, step_ids: Collection[int]) -> dict[int, tuple[Self, JobStep]]:
        """Lock the jobs of the steps, then all steps of those jobs; return both for each step.

        A step that is gone is not among them. Queries: 2, whatever the number of steps.
        """
        owners = JobStep.objects.filter(pk__in=step_ids).order_by().values("job")
        jobs = list(Job.objects.locked().filter(pk__in=owners))
        steps = defaultdict(list)
        for step in _locked_steps().filter(job__in=jobs):
            steps[step.job_id].append(step)
        floors = [cls(job, steps[job.pk]) for job in jobs]
        return {step.pk: (floor, step) for floor in floors for step in floor.steps}

    def lock_machines(self, ids: Iterable[int | None], *, process: Process | None = None) -> None:
        """Lock the machines, in key order; ``can_do`` on each says if it can do the process."""
        able = Machine.processes.through.objects.filter(
            machine=OuterRef("pk"), process=process.pk if process else None
        )
        wanted = {key for key in ids if key is not None}
        if wanted:
            locked = Machine.objects.locked().filter(pk__in=wanted)
            self.machines = {each.pk: each for each in locked.annotate(can_do=Exists(able))}

    def move(self, step: JobStep, to: StepStatus, *, takes_machine: bool = True) -> None:
        """Move a step's status, as the table of transitions allows, and count its machine.

        ``takes_machine`` is off where no work begins or ends: a reopened step only waits.

        Raises: IllegalTransition.
        """
        before = StepStatus(step.status)
        if to not in STEP_NEXT[before]:
            words = _("%(step)s is %(state)s; it cannot become %(wanted)s.")
            raise not_now(step, words, wanted=to)
        step.status = to
        change = (to == StepStatus.IN_PROGRESS) - (before == StepStatus.IN_PROGRESS)
        if change and takes_machine and step.machine_id is not None:
            count_running(step.machine_id, change)

    def move_job(self, to: JobStatus) -> None:
        """Move the job's status, as the table of transitions allows.

        Raises: IllegalTransition.
        """
        before = JobStatus(self.job.status)
        if to not in JOB_NEXT[before]:
            words = _("%(job)s is %(state)s; it cannot become %(wanted)s.")
            raise not_now(self.job, words, wanted=to)
        self.job.status = to
        self.job.completed_at = self.now if to == JobStatus.COMPLETED else None
        if to == JobStatus.ACTIVE and self.job.released_at is None:
            self.job.released_at = self.now

    def require_active(self) -> None:
        """Refuse work on a job that is not active. Raises: IllegalTransition."""
        if self.job.status != JobStatus.ACTIVE:
            raise not_now(self.job, _("%(job)s is %(state)s: nothing of it can be worked on."))

    def settle(self) -> None:
        """Let follow what follows: which waiting steps are ready, and how many are done."""
        if self.job.status in {JobStatus.ACTIVE, JobStatus.ON_HOLD}:
            for step in self.steps:
                ready = StepStatus.READY if self._may_begin(step) else StepStatus.PENDING
                if step.status in STEP_WAITING and step.status != ready:
                    self.move(step, ready)
        counted = [step for step in self.steps if step.status != StepStatus.CANCELLED]
        self.job.steps_total = len(counted)
        self.job.steps_done = sum(step.status in STEP_FINISHED for step in counted)

    def complete_if_done(self) -> None:
        """Complete the job when its last step is completed or skipped."""
        self.settle()
        if self.is_done:
            self.move_job(JobStatus.COMPLETED)

    @property
    def is_done(self) -> bool:
        """Whether no step is left to do."""
        return self.job.steps_done == self.job.steps_total

    def begun_after(self, step: JobStep) -> list[JobStep]:
        """Return the steps behind this one that have begun."""
        return [
            each
            for each in self.steps
            if each.sequence > step.sequence and each.status in STEP_BEGUN
        ]

    def save(self) -> None:
        """Write what changed of the steps and of the job. Queries: at most 1."""
        self.save_all([self])

    @staticmethod
    def save_all(floors: Collection["Floor"]) -> None:
        """Write what changed of all floors' steps and of their jobs. Queries: at most 1."""
        steps = ((step, floor._before) for floor in floors for step in floor.steps)
        jobs = ((floor.job, floor._job_before) for floor in floors)
        update_tables(_changed(STEP_COLUMNS, steps), _changed(JOB_COLUMNS, jobs))

    def _may_begin(self, step: JobStep) -> bool:
        earlier = (each for each in self.steps if each.sequence < step.sequence)
        return all(_lets_begin(each, StartsAfter(step.starts_after)) for each in earlier)


def named(step: JobStep) -> str:
    """Return how a refusal calls a step."""
    places = {"number": step.sequence, "process": step.process, "job": step.job}
    return _("Step %(number)s %(process)s of %(job)s") % places


def not_now(
    what: Job | JobStep, words: str, *, wanted: JobStatus | StepStatus | None = None, **details: Any
) -> IllegalTransition:
    """Return the refusal of what the state of a job or step does not allow.

    ``words`` are a sentence with places for the ``job`` or ``step``, its ``state`` and what is
    ``wanted`` instead.
    """
    if isinstance(what, JobStep):
        state: JobStatus | StepStatus = StepStatus(what.status)
        places = {"step": named(what), "state": state.label.lower()}
    else:
        state = JobStatus(what.status)
        places = {"job": str(what), "state": state.label.lower()}
    if wanted is not None:
        places["wanted"] = wanted.label.lower()
        details["wanted"] = wanted.value
    return IllegalTransition(words % places, status=state.value, **details)


def require_version(step: JobStep, version: int | None) -> None:
    """Refuse a step that is no longer at ``version``; None takes any. Raises: Stale."""
    if version is not None and step.version != version:
        words = _("%(step)s was changed meanwhile.") % {"step": named(step)}
        raise Stale(words, current=step.version)


def _locked_steps() -> QuerySet[JobStep]:
    return JobStep.objects.locked().select_related("process", "assigned_to")


def _lets_begin(earlier: JobStep, starts_after: StartsAfter) -> bool:
    if earlier.status in {*STEP_FINISHED, StepStatus.CANCELLED}:
        return True
    return starts_after == StartsAfter.FIRST_GOOD and earlier.quantity_good > 0


def _snapshot(row: Job | JobStep, columns: tuple[str, ...]) -> Values:
    return tuple(getattr(row, column) for column in columns)


def _changed(
    columns: tuple[str, ...], rows: Iterable[tuple[Job | JobStep, dict[int, Values]]]
) -> tuple[list[Job | JobStep], list[str]]:
    """Return what differs from each row's values before (by key), and keep what it is now."""
    changed: list[Job | JobStep] = []
    differing: set[str] = set()
    for row, kept in rows:
        before, now = kept[row.pk], _snapshot(row, columns)
        if now != before:
            kept[row.pk] = now
            changed.append(row)
            pairs = zip(columns, before, now, strict=True)
            differing.update(column for column, old, new in pairs if old != new)
    return changed, sorted(differing)
