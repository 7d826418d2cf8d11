"""Making and changing jobs before and while they run, and taking drafts and routings away."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from django.db import transaction
from django.db.models import Q, prefetch_related_objects
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.bulk import alone, at_item, require_few, write_rows
from apps.core.db import refusals
from apps.core.errors import Invalid
from apps.core.records import delete_record, require_record
from apps.jobs.errors import NotDraft
from apps.jobs.models import Job, JobStep, Routing, RoutingStep
from apps.jobs.services.attachments import drop_attachments
from apps.jobs.services.floor import Floor
from apps.jobs.services.steps import NO_SUCH, delete_steps, require_draft, settle_job
from apps.jobs.states import JobStatus

# What may change once a job is released.
AFTER_RELEASE = frozenset({"due_date", "priority", "title", "notes"})
COPIED_TO_STEPS = ("due_date", "priority")
MOST_MINUTES = 2**31 - 1  # What the column holds: four thousand years.


def create_job(job: Job, *, actor: User) -> Job:
    """Store a new draft, and make its steps from its routing. See ``create_jobs``."""
    with alone():
        return create_jobs([job], actor=actor)[0]


@transaction.atomic
def create_jobs(jobs: Sequence[Job], *, actor: User) -> list[Job]:
    """Store new drafts, numbered in their order, and make their steps from their routings.

    All or none; with ``details["index"]``, a refusal says at which.

    Raises:  NotPermitted, TooMany, Invalid.
    Queries: 5 and at most 4 for what the jobs refer to, whatever the number of jobs.
    """
    require_record("add", Job, actor=actor)
    require_few(jobs)
    prefetch_related_objects(jobs, "customer", "part", "routing__part")
    routed = _routing_steps(jobs)
    steps: list[JobStep] = []
    for index, job in enumerate(jobs):
        with at_item(index):
            _require_references(job)
            job.created_by = actor
            job.part = job.part or (job.routing.part if job.routing else None)
            job.title = job.title or _title(job)
            planned = _make_steps(job, routed[job.routing_id])
        job.steps_total = len(planned)
        steps += planned
    write_rows(Job, jobs, Job.objects.bulk_create)
    for step in steps:  # As the database would say: all values known, they go as arrays, fast.
        step.created_at = step.updated_at = step.job.created_at
    JobStep.objects.bulk_create(steps)
    return list(jobs)


@transaction.atomic
def save_job(job: Job, *, actor: User, fields: Collection[str]) -> Job:
    """Write the given fields of a job; of a draft any, then only AFTER_RELEASE.

    Another routing makes a draft's steps anew, their files gone with the old ones; another
    quantity plans them again.

    Raises: NotPermitted, NotDraft, Invalid.
    Locks:  the job, its steps, their attachments.
    """
    require_record("change", Job, actor=actor)
    floor = Floor.of_job(job.pk)
    frozen = [name for name in fields if name not in AFTER_RELEASE]
    if frozen and floor.job.status != JobStatus.DRAFT:
        raise NotDraft(
            _("%(job)s is released: only its due date, priority, title and notes may change.")
            % {"job": floor.job},
            field=frozen[0],
        )
    with refusals(Job):
        job.save(update_fields=fields)
    job.refresh_from_db()  # The other columns may have changed since the caller read it.
    if "routing" in fields:
        delete_steps(floor.steps)
        JobStep.objects.bulk_create(_make_steps(job, _routing_steps([job])[job.routing_id]))
        settle_job(job)
    elif "quantity" in fields:
        _plan_again(job, floor.steps)
    copied = {name: getattr(job, name) for name in COPIED_TO_STEPS if name in fields}
    if copied:
        JobStep.objects.filter(job=job).update(**copied)
    return job


@transaction.atomic
def delete_job(job_id: int, *, actor: User) -> None:
    """Delete a draft with its steps and their files.

    Raises: NotPermitted, NotDraft.
    Locks:  the job, its steps, their attachments.
    """
    require_record("delete", Job, actor=actor)
    floor = Floor.of_job(job_id)
    words = _("%(job)s is %(state)s; it cannot be deleted: cancel it instead.")
    require_draft(floor.job, words)
    delete_steps(floor.steps)
    drop_attachments(Q(job=floor.job))
    floor.job.delete()


@transaction.atomic
def delete_routing(routing: Routing, *, actor: User) -> None:
    """Delete a routing that no job was made from, with its steps and their files.

    Raises: NotPermitted, InUse.
    """
    require_record("delete", Routing, actor=actor)
    drop_attachments(Q(routing_step__routing=routing))
    routing.steps.all().delete()
    delete_record(routing, actor=actor)


def _title(job: Job) -> str:
    source = job.part.name if job.part else job.routing.name if job.routing else job.customer.name
    return source[:160]


def _require_references(job: Job) -> None:
    """Refuse what the job refers to and is not there: foreign keys are checked at commit only.

    Raises: Invalid.
    """
    for name in ("customer", "part", "routing"):
        if getattr(job, f"{name}_id") is not None and getattr(job, name, None) is None:
            raise Invalid(str(NO_SUCH[name]), field=name)
    if job.customer_id is None:
        raise Invalid(_("A job is for a customer."), field="customer")


def _routing_steps(jobs: Collection[Job]) -> dict[int | None, list[RoutingStep]]:
    """Return the steps, in order, of each routing of the jobs. Queries: at most 1."""
    steps: dict[int | None, list[RoutingStep]] = defaultdict(list)
    routings = {job.routing_id for job in jobs} - {None}
    if routings:
        for step in RoutingStep.objects.filter(routing__in=routings).order_by("sequence", "pk"):
            steps[step.routing_id].append(step)
    return steps


def _make_steps(job: Job, routed: Iterable[RoutingStep]) -> list[JobStep]:
    """Return a job's steps as its routing has them, not stored yet."""
    return [
        JobStep(
            job=job,
            sequence=each.sequence,
            process_id=each.process_id,
            machine_id=each.machine_id,
            instructions=each.instructions,
            starts_after=each.starts_after,
            planned_minutes=planned_minutes(each, job.quantity),
            quantity_planned=job.quantity,
            priority=job.priority,
            due_date=job.due_date,
        )
        for each in routed
    ]


def _plan_again(job: Job, steps: Collection[JobStep]) -> None:
    """Plan a draft's steps for its new quantity, by the routing where they came from one."""
    routed = _routing_steps([job])[job.routing_id]
    minutes = {(each.sequence, each.process_id): each for each in routed}
    for step in steps:
        source = minutes.get((step.sequence, step.process_id))
        step.quantity_planned = job.quantity
        if source:
            step.planned_minutes = planned_minutes(source, job.quantity)
    JobStep.objects.bulk_update(steps, ["quantity_planned", "planned_minutes"])


def planned_minutes(routed: RoutingStep, quantity: int) -> int:
    """Return setup + ceil(run × quantity), in minutes. Raises: Invalid beyond what can be kept."""
    minutes = routed.setup_minutes + math.ceil(routed.run_minutes_per_unit * quantity)
    if minutes > MOST_MINUTES:
        words = _("By its routing that would take thousands of years.")
        raise Invalid(words, field="quantity")
    return minutes
