"""Making and changing jobs and their steps before and while they run."""

import math
from collections.abc import Collection

from django.db import transaction
from django.db.models import Q

from apps.accounts.models import User
from apps.core.db import refusals
from apps.core.records import delete_record, require_record
from apps.jobs.errors import IllegalTransition, NotDraft
from apps.jobs.models import Job, JobStep, Routing, RoutingStep
from apps.jobs.services.attachments import drop_attachments
from apps.jobs.services.floor import Floor, named
from apps.jobs.services.supervision import assign_step
from apps.jobs.states import JobStatus, StepStatus

# What may change once a job is released.
AFTER_RELEASE = frozenset({"due_date", "priority", "title", "notes"})
COPIED_TO_STEPS = ("due_date", "priority")
FINAL_JOBS = (JobStatus.COMPLETED, JobStatus.CANCELLED)


@transaction.atomic
def create_job(job: Job, *, actor: User) -> Job:
    """Store a new draft, and make its steps from its routing.

    Raises: NotPermitted, Invalid.
    """
    require_record("add", Job, actor=actor)
    job.created_by = actor
    job.part = job.part or (job.routing.part if job.routing else None)
    job.title = job.title or _title(job)
    with refusals(Job):
        job.save(force_insert=True)
    _make_steps(job)
    return job


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
            f"{floor.job} is released: only its due date, priority, title and notes may change.",
            field=frozen[0],
        )
    with refusals(Job):
        job.save(update_fields=fields)
    job.refresh_from_db()  # The other columns may have changed since the caller read it.
    if "routing" in fields:
        _delete_steps(floor.steps)
        _make_steps(job)
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
    _require_draft(floor.job, "deleted: cancel it instead")
    _delete_steps(floor.steps)
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


@transaction.atomic
def add_step(step: JobStep, *, actor: User) -> JobStep:
    """Add a step to a job that is not completed or cancelled.

    Raises: NotPermitted, IllegalTransition, Invalid.
    Locks:  the job, its steps.
    """
    require_record("add", JobStep, actor=actor)
    job = Floor.of_job(step.job_id).job
    if job.status in FINAL_JOBS:
        raise IllegalTransition(
            f"{job} is {job.status}: reopen it to add steps.", status=job.status
        )
    assignee, step.assigned_to = step.assigned_to, None
    step.quantity_planned = job.quantity
    step.priority, step.due_date = job.priority, job.due_date
    with refusals(JobStep):
        step.save(force_insert=True)
    _settle(job.pk)
    return assign_step(step.pk, assignee, actor=actor) if assignee else step


@transaction.atomic
def save_step(step: JobStep, *, actor: User, fields: Collection[str]) -> JobStep:
    """Write the given planning fields of a step: of a draft's any, then of a pending one's.

    ``assigned_to`` among them is an assignment, with its own rules.

    Raises: NotPermitted, IllegalTransition, ProcessNotPermitted, Invalid.
    Locks:  the job, its steps.
    """
    planned = [name for name in fields if name != "assigned_to"]
    if planned:
        require_record("change", JobStep, actor=actor)
        _, stored = Floor.of_step(step.pk)
        if stored.status != StepStatus.PENDING:
            state = StepStatus(stored.status)
            raise IllegalTransition(
                f"{named(stored)} is {state.label.lower()}; only pending steps can be changed.",
                field=planned[0],
                status=state.value,
            )
        with refusals(JobStep):
            step.save(update_fields=planned)
        _settle(stored.job_id)
    if "assigned_to" in fields:
        return assign_step(step.pk, step.assigned_to, actor=actor)
    return step


@transaction.atomic
def delete_step(step_id: int, *, actor: User) -> None:
    """Take a step with its files out of a draft; once released, skip it instead.

    Raises: NotPermitted, NotDraft.
    Locks:  the job, its steps, the step's attachments.
    """
    require_record("delete", JobStep, actor=actor)
    floor, step = Floor.of_step(step_id)
    _require_draft(floor.job, "changed so: skip the step instead")
    _delete_steps([step])
    _settle(floor.job.pk)


def _delete_steps(steps: Collection[JobStep]) -> None:
    keys = [step.pk for step in steps]
    drop_attachments(Q(step__in=keys))
    JobStep.objects.filter(pk__in=keys).delete()


def _settle(job_id: int) -> None:
    floor = Floor.of_job(job_id)
    floor.settle()
    floor.save()


def _require_draft(job: Job, become: str) -> None:
    if job.status != JobStatus.DRAFT:
        state = JobStatus(job.status).label.lower()
        raise NotDraft(f"{job} is {state}; it cannot be {become}.", status=job.status)


def _title(job: Job) -> str:
    source = job.part.name if job.part else job.routing.name if job.routing else job.customer.name
    return source[:160]


def _make_steps(job: Job) -> None:
    routed = RoutingStep.objects.filter(routing=job.routing_id) if job.routing_id else ()
    JobStep.objects.bulk_create(
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
    )
    _settle(job.pk)
    job.refresh_from_db(fields=["steps_total", "steps_done"])


def _plan_again(job: Job, steps: Collection[JobStep]) -> None:
    """Plan a draft's steps for its new quantity, by the routing where they came from one."""
    routed = RoutingStep.objects.filter(routing=job.routing_id) if job.routing_id else ()
    minutes = {(each.sequence, each.process_id): each for each in routed}
    for step in steps:
        source = minutes.get((step.sequence, step.process_id))
        step.quantity_planned = job.quantity
        if source:
            step.planned_minutes = planned_minutes(source, job.quantity)
    JobStep.objects.bulk_update(steps, ["quantity_planned", "planned_minutes"])


def planned_minutes(routed: RoutingStep, quantity: int) -> int:
    """Return setup + ceil(run × quantity), in minutes."""
    return routed.setup_minutes + math.ceil(routed.run_minutes_per_unit * quantity)
