"""Steps: planned by the office, worked by operators, corrected by supervisors."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from apps.api.answers import answer
from apps.api.bulk import many, pointing_into
from apps.api.filters import BIGGEST_KEY, choice, instant, reference
from apps.api.items import Item, Nothing
from apps.api.operations import operation
from apps.api.records import Changes, Creates, Deletes
from apps.api.views import WORK
from apps.jobs import services
from apps.jobs.api.items import (
    AssignItem,
    CorrectItem,
    JobStepChange,
    JobStepItem,
    ReportItem,
    ResumeItem,
    StartItem,
)
from apps.jobs.api.rows import JobStepRow
from apps.jobs.models import Job, JobStep
from apps.jobs.services import StepChange
from apps.jobs.states import LogKind, StepStatus

told = operation(tells=JobStepRow, refusals=(409,))


class StepInBulk(JobStepChange):
    """One of many: which, as it was read, and what is to change."""

    id = serializers.IntegerField(min_value=1, max_value=BIGGEST_KEY)
    version = serializers.IntegerField(min_value=1, max_value=BIGGEST_KEY)

    class Meta(JobStepChange.Meta):
        fields = ("id", "version", *JobStepChange.Meta.fields)

    def get_fields(self) -> dict[str, Any]:
        """Return the fields, of which a change may leave out all but id and version."""
        fields = super().get_fields()
        for name in JobStepChange.Meta.fields:
            fields[name].required = False
        return fields


class StepsChange(Item):
    """Up to 1,000 changes."""

    steps = many(StepInBulk)


class StepsTold(serializers.Serializer[Any]):
    """The steps as they are now, in the order they were sent."""

    steps = JobStepRow(many=True)


class JobStepView(Creates[JobStep], Changes[JobStep], Deletes[JobStep]):
    """Steps, and work on them: ``status`` and quantities are never written, only led to."""

    model, row, item, change_item = JobStep, JobStepRow, JobStepItem, JobStepChange
    reads = "visible"
    searched = True
    scopes = dict.fromkeys(
        ("start", "set_up", "run", "report", "pause", "resume", "complete", "undo"), WORK
    )
    orderings = {
        "id": ("pk",),
        "sequence": ("job", "sequence"),
        "created_at": ("created_at",),
    }
    filters = {
        "status": choice(StepStatus),
        "job": reference(offers="sequence"),
        "process": reference(),
        "machine": reference(nullable=True),
        "assigned_to": reference(nullable=True),
        "created_at": instant(),
        "started_at": instant(),
        "completed_at": instant(),
    }

    def permit(self, action: str) -> None:
        """Leave changes to the service: who supervises may assign without planning."""
        if action != "change":
            super().permit(action)

    def lock(self, pk: int) -> JobStep:
        """Lock the step's job, which every service locks first, then the step."""
        Job.objects.locked().filter(steps=pk).first()
        step: JobStep = super().lock(pk)
        return step

    def make(self, data: dict[str, Any]) -> JobStep:
        return services.add_step(JobStep(**data), actor=self.actor)

    def store(self, record: JobStep, fields: Sequence[str] | None) -> None:
        services.save_step(record, actor=self.actor, fields=fields or ())

    def remove(self, record: JobStep) -> None:
        services.delete_step(record.pk, actor=self.actor)

    @action(detail=False, methods=["patch"])
    @operation(takes=StepsChange, tells=StepsTold, refusals=(409, 412))
    def bulk(self, request: Request) -> HttpResponse:
        """Change up to 1,000 steps, each the version that was read: all, or none and why."""
        changes = [
            StepChange(data.pop("id"), version=data.pop("version"), values=data)
            for data in self.read(StepsChange)["steps"]
        ]
        with pointing_into("steps"):
            steps = services.change_steps(changes, actor=self.actor)
        told = self.told_all([step.pk for step in steps])
        return answer(request._request, {"steps": told})

    @action(detail=True, methods=["post"])
    @operation(takes=StartItem, tells=JobStepRow, refusals=(409, 412))
    def start(self, request: Request, pk: int) -> HttpResponse:
        """Start a ready step, resume a paused one, or join one in progress."""
        data = self.read(StartItem)
        machine = data.pop("machine", None)
        return self._act(
            services.start_step, pk, machine_id=machine.pk if machine else None, **data
        )

    @action(detail=True, methods=["post"], url_path="setup")
    @told
    def set_up(self, request: Request, pk: int) -> HttpResponse:
        """Go on with one's own work on it as setting up."""
        self.read(Nothing)
        return self._act(services.change_work, pk, LogKind.SETUP)

    @action(detail=True, methods=["post"])
    @told
    def run(self, request: Request, pk: int) -> HttpResponse:
        """Go on with one's own work on it as the run."""
        self.read(Nothing)
        return self._act(services.change_work, pk, LogKind.RUN)

    @action(detail=True, methods=["post"])
    @operation(takes=ReportItem, tells=JobStepRow, refusals=(409, 412))
    def report(self, request: Request, pk: int) -> HttpResponse:
        """Add what was made; the step goes on."""
        return self._report(services.report_step, pk)

    @action(detail=True, methods=["post"])
    @operation(takes=ReportItem, tells=JobStepRow, refusals=(409, 412))
    def pause(self, request: Request, pk: int) -> HttpResponse:
        """Stop working on it for now, with what was made."""
        return self._report(services.pause_step, pk)

    @action(detail=True, methods=["post"])
    @operation(takes=ResumeItem, tells=JobStepRow, refusals=(409, 412))
    def resume(self, request: Request, pk: int) -> HttpResponse:
        """Go on with a paused step."""
        data = self.read(ResumeItem)
        machine = data.pop("machine", None)
        return self._act(
            services.start_step,
            pk,
            machine_id=machine.pk if machine else None,
            resuming=True,
            **data,
        )

    @action(detail=True, methods=["post"])
    @operation(takes=ReportItem, tells=JobStepRow, refusals=(409, 412))
    def complete(self, request: Request, pk: int) -> HttpResponse:
        """Finish a step in progress with what was made; with the last one its job completes."""
        return self._report(services.complete_step, pk)

    @action(detail=True, methods=["post"])
    @told
    def skip(self, request: Request, pk: int) -> HttpResponse:
        """Leave a step out."""
        self.read(Nothing)
        return self._act(services.skip_step, pk)

    @action(detail=True, methods=["post"])
    @operation(takes=AssignItem, tells=JobStepRow, refusals=(409,))
    def assign(self, request: Request, pk: int) -> HttpResponse:
        """Give a step to a user who may do it, or to nobody."""
        return self._act(services.assign_step, pk, self.read(AssignItem)["user"])

    @action(detail=True, methods=["post"])
    @operation(takes=CorrectItem, tells=JobStepRow, refusals=(409,))
    def correct(self, request: Request, pk: int) -> HttpResponse:
        """Put quantities right by a log of its own; after completion too."""
        data = self.read(CorrectItem)
        pieces = {name: data.pop(f"quantity_{name}") for name in ("good", "scrap", "rework")}
        return self._act(services.correct_step, pk, **pieces, **data)

    @action(detail=True, methods=["post"])
    @told
    def reopen(self, request: Request, pk: int) -> HttpResponse:
        """Open a completed step again, while nothing after it has begun."""
        self.read(Nothing)
        return self._act(services.reopen_step, pk)

    @action(detail=True, methods=["post"])
    @told
    def undo(self, request: Request, pk: int) -> HttpResponse:
        """Take back one's own last start, report, pause or completion, within ten seconds."""
        self.read(Nothing)
        return self._act(services.undo_step, pk)

    def _report(self, service: Callable[..., JobStep], pk: int) -> HttpResponse:
        data = self.read(ReportItem)
        report = ReportItem.report(data)
        return self._act(service, pk, report, **data)

    def _act(
        self, service: Callable[..., JobStep], pk: int, *given: Any, **more: Any
    ) -> HttpResponse:
        with self.acting_on(pk):
            service(pk, *given, actor=self.actor, **more)
        return self.tell(pk)
