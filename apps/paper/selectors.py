"""What stands on travellers, read for many jobs at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from apps.accounts.models import User
from apps.jobs.models import Attachment, Job, JobStep
from apps.paper.models import TravellerCopy


@dataclass(frozen=True, slots=True)
class Mark:
    """What each page says of itself: which copy, when and by whom. No number: to look at only."""

    number: int | None
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Traveller:
    """A job as its traveller shows it. ``files`` are its own, its part's and its steps'."""

    job: Job
    mark: Mark
    steps: list[JobStep] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)


def printed(copies: Sequence[TravellerCopy], *, by: User) -> list[Traveller]:
    """Return what stands on some copies, in their order. Queries: 3."""
    marks = {each.job_id: Mark(each.number, each.created_at, str(by)) for each in copies}
    return _read(marks, seen_by=by)


def looked_at(job_id: int, *, by: User, now: datetime) -> Traveller | None:
    """Return a job's traveller to look at, not to count; None for what one may not see."""
    read = _read({job_id: Mark(None, now, str(by))}, seen_by=by)
    return read[0] if read else None


def _read(marks: dict[int, Mark], *, seen_by: User) -> list[Traveller]:
    """Uses index: jobs_pkey, idx_job_steps_job_order, and those of attachments' targets."""
    jobs = Job.objects.visible_to(seen_by).with_labels().select_related("routing").in_bulk(marks)
    steps: defaultdict[int, list[JobStep]] = defaultdict(list)
    seen = JobStep.objects.visible_to(seen_by).filter(job__in=jobs)
    for step in seen.select_related("process", "machine").order_by("job", "sequence", "pk"):
        steps[step.job_id].append(step)
    files = _files(jobs.values(), [step.pk for each in steps.values() for step in each], seen_by)
    return [
        Traveller(jobs[key], mark, steps[key], files[key])
        for key, mark in marks.items()
        if key in jobs
    ]


def _files(
    jobs: Collection[Job], step_ids: Iterable[int], seen_by: User
) -> dict[int, list[Attachment]]:
    """Return each job's files: its own, its part's, its routing's steps' and its steps'.

    Four sets of keys are joined: asked as one condition with OR, every file would be looked at.
    """
    kept = Attachment.objects.order_by()
    places = {"part": [job.part_id for job in jobs], "routing": [job.routing_id for job in jobs]}
    found = (
        kept.filter(job__in=[job.pk for job in jobs])
        .values("pk")
        .union(
            kept.filter(step__in=list(step_ids)).values("pk"),
            kept.filter(part__in=filter(None, places["part"])).values("pk"),
            kept.filter(routing_step__routing__in=filter(None, places["routing"])).values("pk"),
        )
    )
    rows = Attachment.objects.visible_to(seen_by).with_labels().filter(pk__in=found).order_by("pk")
    return _sorted_out(jobs, list(rows))


def _sorted_out(jobs: Iterable[Job], files: list[Attachment]) -> dict[int, list[Attachment]]:
    by_place: defaultdict[tuple[str, int | None], list[Attachment]] = defaultdict(list)
    for file in files:
        by_place[_place(file)].append(file)
    return {
        job.pk: [
            *by_place["job", job.pk],
            *(by_place["part", job.part_id] if job.part_id else ()),
            *(by_place["routing", job.routing_id] if job.routing_id else ()),
        ]
        for job in jobs
    }


def _place(file: Attachment) -> tuple[str, int | None]:
    """Say under which key of a job a file is found."""
    if file.step is not None:
        return "job", file.step.job_id
    if file.routing_step is not None:
        return "routing", file.routing_step.routing_id
    return ("part", file.part_id) if file.part_id else ("job", file.job_id)
