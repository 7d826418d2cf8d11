"""Jobs: made from a routing, released, held, completed."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from apps.api.answers import answer
from apps.api.bulk import many, pointing_into
from apps.api.filters import asked, choice, day, instant, reference, text
from apps.api.items import Item, Nothing
from apps.api.operations import operation
from apps.api.records import ByExternalId, Deletes
from apps.jobs import services
from apps.jobs.api.items import JobItem
from apps.jobs.api.rows import JobRow
from apps.jobs.models import Job
from apps.jobs.states import JobStatus
from apps.shop.selectors import today


def _overdue(jobs: Any) -> Any:
    return jobs.overdue(today())


told = operation(tells=JobRow, refusals=(409,))


class JobsItem(Item):
    """Up to 1,000 jobs."""

    jobs = many(JobItem)


class JobsTold(serializers.Serializer[Any]):
    """The jobs that were made, in the order they were sent."""

    jobs = JobRow(many=True)


class JobView(ByExternalId[Job], Deletes[Job]):
    """Jobs, and their life: ``status`` is never written, only led to by an action."""

    model, row, item = Job, JobRow, JobItem
    reads = "visible"
    searched = True
    orderings = {
        "id": ("pk",),
        "number": ("number",),
        "due_date": ("due_date",),
        "updated_at": ("updated_at",),
    }
    filters = {
        "status": choice(JobStatus),
        "customer": reference(),
        "part": reference(),
        "number": text(),
        "external_id": text(),
        "due_date": day(),
        "updated_at": instant(),
        "overdue": asked(_overdue, "Active or held, past its due date."),
    }

    def make(self, data: dict[str, Any]) -> Job:
        return services.create_job(Job(**data), actor=self.actor)

    def store(self, record: Job, fields: Sequence[str] | None) -> None:
        services.save_job(record, actor=self.actor, fields=fields or ())

    def remove(self, record: Job) -> None:
        services.delete_job(record.pk, actor=self.actor)

    @action(detail=False, methods=["post"])
    @operation(takes=JobsItem, tells=JobsTold, status=201, refusals=(409,))
    def bulk(self, request: Request) -> HttpResponse:
        """Make up to 1,000 jobs from their routings: all, or none and why."""
        self.permit("add")
        sent = [Job(**data) for data in self.read(JobsItem)["jobs"]]
        with pointing_into("jobs"):
            jobs = services.create_jobs(sent, actor=self.actor)
        told = self.told_all([job.pk for job in jobs])
        return answer(request._request, {"jobs": told}, status=201)

    @action(detail=True, methods=["post"])
    @told
    def release(self, request: Request, pk: int) -> HttpResponse:
        """Give a draft to the floor: its first steps become ready."""
        return self._act(services.release_job, pk)

    @action(detail=True, methods=["post"])
    @told
    def hold(self, request: Request, pk: int) -> HttpResponse:
        """Stop work for now: running steps are paused."""
        return self._act(services.hold_job, pk)

    @action(detail=True, methods=["post"])
    @told
    def resume(self, request: Request, pk: int) -> HttpResponse:
        """Let a held job go on; no step is started."""
        return self._act(services.resume_job, pk)

    @action(detail=True, methods=["post"])
    @told
    def complete(self, request: Request, pk: int) -> HttpResponse:
        """Complete a job of which every step is final."""
        return self._act(services.complete_job, pk)

    @action(detail=True, methods=["post"])
    @told
    def cancel(self, request: Request, pk: int) -> HttpResponse:
        """Call a job off: its open steps are cancelled, what was made stays."""
        return self._act(services.cancel_job, pk)

    @action(detail=True, methods=["post"])
    @told
    def reopen(self, request: Request, pk: int) -> HttpResponse:
        """Make a completed job active again."""
        return self._act(services.reopen_job, pk)

    def _act(self, service: Callable[..., Job], pk: int) -> HttpResponse:
        self.read(Nothing)
        with self.acting_on(pk):
            service(pk, actor=self.actor)
        return self.tell(pk)
