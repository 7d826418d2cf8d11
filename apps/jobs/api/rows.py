"""What programs read of the core."""

from typing import Any

from rest_framework import serializers

from apps.api.rows import Coded, Made, Named, Numbered, Ref, Row, Word, person
from apps.jobs.models import Attachment, HelpCall, Job, JobStep, WorkLog
from apps.jobs.states import Priority


class Sequenced(Ref):
    """A related step, by its place in its job."""

    sequence = serializers.IntegerField()


class JobRow(Row):
    customer = Named()
    part = Numbered()
    routing = Named()
    priority = Word(Priority)
    created_by = person()

    class Meta:
        model = Job
        fields = (
            "id",
            "number",
            "external_id",
            "title",
            "status",
            "priority",
            "customer",
            "part",
            "routing",
            "quantity",
            "due_date",
            "steps_total",
            "steps_done",
            "notes",
            "created_by",
            "released_at",
            "completed_at",
            "created_at",
            "updated_at",
            "version",
        )


class JobStepRow(Row):
    job = Numbered()
    customer = Named(source="job.customer")
    part = Numbered(source="job.part")
    process = Coded()
    machine = Coded()
    assigned_to = person()
    priority = Word(Priority)

    class Meta:
        model = JobStep
        fields = (
            "id",
            "job",
            "sequence",
            "process",
            "status",
            "priority",
            "customer",
            "part",
            "machine",
            "assigned_to",
            "due_date",
            "planned_minutes",
            "quantity_planned",
            "quantity_good",
            "quantity_scrap",
            "quantity_rework",
            "instructions",
            "starts_after",
            "started_at",
            "completed_at",
            "created_at",
            "updated_at",
            "version",
        )


class WorkLogRow(Row):
    step = Sequenced()
    job = Numbered(source="step.job")
    process = Coded(source="step.process")
    user = person()
    machine = Coded()
    scrap_reason = Coded()

    class Meta:
        model = WorkLog
        fields = (
            "id",
            "step",
            "job",
            "process",
            "user",
            "machine",
            "kind",
            "started_at",
            "ended_at",
            "quantity_good",
            "quantity_scrap",
            "quantity_rework",
            "scrap_reason",
            "note",
            "created_at",
            "version",
        )


class HelpCallRow(Row):
    step = Sequenced()
    job = Numbered(source="step.job")
    machine = Coded()
    raised_by = person()
    answered_by = person()

    class Meta:
        model = HelpCall
        fields = (
            "id",
            "step",
            "job",
            "machine",
            "note",
            "raised_by",
            "raised_at",
            "answered_by",
            "answered_at",
            "version",
        )


def _content(key: Any) -> str:
    return f"/api/v1/attachments/{key}/content/"


class AttachmentRow(Row):
    job = Numbered()
    step = Sequenced()
    routing_step = Sequenced()
    part = Numbered()
    customer = Named()
    machine = Coded()
    uploaded_by = person()
    content = Made(
        serializers.CharField(), _content, source="pk", help_text="Where the file is fetched."
    )

    class Meta:
        model = Attachment
        fields = (
            "id",
            "title",
            "file_name",
            "content_type",
            "size",
            "sha256",
            "content",
            "job",
            "step",
            "routing_step",
            "part",
            "customer",
            "machine",
            "uploaded_by",
            "created_at",
            "updated_at",
            "version",
        )
