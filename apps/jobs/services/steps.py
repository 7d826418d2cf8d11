"""What is planned of a job's steps: added, changed, assigned, taken out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.core.bulk import alone, at_item, require_few, write_rows
from apps.core.db import refusals, update_rows
from apps.core.errors import Invalid
from apps.core.records import require_record
from apps.jobs import policies
from apps.jobs.errors import NotDraft
from apps.jobs.models import Job, JobStep
from apps.jobs.services.attachments import drop_attachments
from apps.jobs.services.floor import Floor, not_now, require_version
from apps.jobs.services.notices import tell_assigned
from apps.jobs.states import JobStatus, StepStatus
from apps.machines.models import Machine
from apps.processes.models import Process

PLANNING = ("sequence", "process", "machine", "planned_minutes", "starts_after", "instructions")
FIELDS = {
    field.name: field
    for field in JobStep._meta.concrete_fields
    if field.name in (*PLANNING, "assigned_to")
}
ASSIGNABLE = (StepStatus.PENDING, StepStatus.READY, StepStatus.PAUSED)
REFERRED: Mapping[str, models.QuerySet[Any]] = {  # By name of the foreign key.
    "process": Process.objects.all(),
    "machine": Machine.objects.all(),
    "assigned_to": User.objects.with_labels(),
}
NO_SUCH: Mapping[str, Promise] = MappingProxyType(  # Likewise, and those of a job.
    {
        "customer": gettext_lazy("There is no such customer."),
        "part": gettext_lazy("There is no such part."),
        "routing": gettext_lazy("There is no such routing."),
        "process": gettext_lazy("There is no such process."),
        "machine": gettext_lazy("There is no such machine."),
        "assigned_to": gettext_lazy("There is no such user."),
    }
)
Records = dict[str, Mapping[Any, models.Model]]
FINAL_JOBS = (JobStatus.COMPLETED, JobStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class StepChange:
    """What to write to a step: fields of PLANNING and ``assigned_to``, by name.

    A process, machine or user is given by its record or its key. ``version`` is the one that
    the caller read, None if it does not matter.
    """

    step_id: int
    values: Mapping[str, Any]
    version: int | None = None

    @property
    def planned(self) -> dict[str, Any]:
        """What is written beside the assignment."""
        return {name: value for name, value in self.values.items() if name != "assigned_to"}


@transaction.atomic
def add_step(step: JobStep, *, actor: User) -> JobStep:
    """Add a step to a job that is not completed or cancelled.

    Raises: NotPermitted, IllegalTransition, Invalid.
    Locks:  the job, its steps.
    """
    require_record("add", JobStep, actor=actor)
    job = Floor.of_job(step.job_id).job
    if job.status in FINAL_JOBS:
        raise not_now(job, _("%(job)s is %(state)s: reopen it to add steps."))
    assignee, step.assigned_to = step.assigned_to, None
    step.quantity_planned = job.quantity
    step.priority, step.due_date = job.priority, job.due_date
    with refusals(JobStep):
        step.save(force_insert=True)
    settle_job(job)
    if assignee is None:
        return step
    (assigned,) = change_steps([StepChange(step.pk, {"assigned_to": assignee})], actor=actor)
    return assigned


def save_step(step: JobStep, *, actor: User, fields: Collection[str]) -> JobStep:
    """Write the given planning fields of a step. See ``change_steps``.

    Returns the step as it is stored, which is not ``step``.
    """
    with alone():
        values = {name: getattr(step, _field(name).attname) for name in fields}
        return change_steps([StepChange(step.pk, values)], actor=actor)[0]


@transaction.atomic
def change_steps(changes: Sequence[StepChange], *, actor: User) -> list[JobStep]:
    """Write what is planned of steps: of a draft's any, then of pending ones; and who has them.

    All or none; with ``details["index"]``, a refusal says at which. Each change is judged by the
    steps as they were before all of them. An assignment, to a user who may do the step or to
    nobody, has rules of its own; who is given a step by someone else is told.

    Returns the steps in the list's order; their ``version`` is the one before.

    Raises:  NotPermitted, ProcessNotPermitted, TooMany, Stale, IllegalTransition, Invalid.
    Locks:   the jobs, their steps.
    Queries: at most 11, whatever the number of steps: 2 to lock, 3 for what is referred to by
             key, 3 to write the plan, 2 for what follows, 1 for the notices.
    """
    if any(change.planned for change in changes):
        require_record("change", JobStep, actor=actor)
    require_few(changes)
    found = Floor.of_steps([change.step_id for change in changes])
    records = _records(changes)
    steps: dict[int, JobStep] = {}
    given: list[JobStep] = []
    for index, change in enumerate(changes):
        with at_item(index):
            if change.step_id in steps:
                raise Invalid(_("This step is in the list already."), field="id")
            if change.step_id not in found:
                raise Invalid(_("There is no such step."), field="id")
            step = found[change.step_id][1]
            holder = step.assigned_to_id
            _change(step, change, records, actor)
            if step.assigned_to_id != holder:
                given.append(step)
            steps[step.pk] = step
    floors = {floor.job.pk: floor for floor, _step in map(found.__getitem__, steps)}.values()
    columns = {FIELDS[name].attname for each in changes for name in each.planned}
    if columns:
        write_rows(JobStep, list(steps.values()), lambda some: update_rows(some, sorted(columns)))
        for floor in floors:
            floor.settle()
    Floor.save_all(floors)
    tell_assigned(given, by=actor)
    return list(steps.values())


@transaction.atomic
def delete_step(step_id: int, *, actor: User) -> None:
    """Take a step with its files out of a draft; once released, skip it instead.

    Raises: NotPermitted, NotDraft.
    Locks:  the job, its steps, the step's attachments.
    """
    require_record("delete", JobStep, actor=actor)
    floor, step = Floor.of_step(step_id)
    words = _("%(job)s is %(state)s; it cannot be changed so: skip the step instead.")
    require_draft(floor.job, words)
    delete_steps([step])
    settle_job(floor.job)


def delete_steps(steps: Collection[JobStep]) -> None:
    """Delete a draft's locked steps with their files. Locks: the attachments."""
    keys = [step.pk for step in steps]
    drop_attachments(Q(step__in=keys))
    JobStep.objects.filter(pk__in=keys).delete()


def settle_job(job: Job) -> None:
    """Let follow what follows from steps added or taken out. Locks: the job, its steps."""
    floor = Floor.of_job(job.pk)
    floor.settle()
    floor.save()
    job.steps_total, job.steps_done = floor.job.steps_total, floor.job.steps_done


def require_draft(job: Job, words: str) -> None:
    """Refuse what is done to drafts only, in ``words`` with places for the job and its state.

    Raises: NotDraft.
    """
    if job.status != JobStatus.DRAFT:
        state = JobStatus(job.status).label.lower()
        raise NotDraft(words % {"job": job, "state": state}, status=job.status)


def _records(changes: Sequence[StepChange]) -> Records:
    """Read what the changes refer to by key. Queries: at most 3."""
    records: Records = {}
    for name, rows in REFERRED.items():
        values = [change.values.get(name) for change in changes]
        keys = {each for each in values if not isinstance(each, models.Model | None)}
        records[name] = rows.in_bulk(keys) if keys else {}
    return records


def _change(step: JobStep, change: StepChange, records: Records, actor: User) -> None:
    """Change a locked step, not stored yet."""
    require_version(step, change.version)
    values = {name: _value(name, each, records) for name, each in change.values.items()}
    if change.planned and step.status != StepStatus.PENDING:
        words = _("%(step)s is %(state)s; only pending steps can be changed.")
        raise not_now(step, words, field=next(iter(change.planned)))
    for name in change.planned:
        setattr(step, name, values[name])
    if "assigned_to" in values:
        _assign(step, values["assigned_to"], actor)


def _field(name: str) -> "models.Field[Any, Any]":
    if name not in FIELDS:
        raise Invalid(_("%(field)s is not planned on a step.") % {"field": name}, field=name)
    return FIELDS[name]


def _value(name: str, given: Any, records: Records) -> Any:
    """Return what is written: for a key its record."""
    field = _field(name)
    if given is None and not field.null:
        raise Invalid(_("A step cannot be without this."), field=name)
    if name not in REFERRED or isinstance(given, models.Model | None):
        return given
    record = records[name].get(given)
    if record is None:
        raise Invalid(str(NO_SUCH[name]), field=name)
    return record


def _assign(step: JobStep, user: User | None, actor: User) -> None:
    policies.require_supervise(actor, step, doing="assign")
    if user is not None:
        policies.require_work(actor, step, worker=user)
        policies.require_active(user, field="assigned_to")
    if step.status not in ASSIGNABLE:
        raise not_now(step, _("%(step)s is %(state)s; it cannot be assigned."))
    step.assigned_to = user
    step.undo = None
