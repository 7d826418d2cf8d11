"""Routings, jobs, job steps, work logs, help calls and attachments."""

from collections.abc import Mapping
from types import MappingProxyType

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import Exact

from apps.catalog.models import Part
from apps.core.models import Record, raises_version
from apps.core.search import SearchText
from apps.customers.models import Customer
from apps.jobs.querysets import (
    AttachmentQuerySet,
    HelpCallQuerySet,
    JobQuerySet,
    JobStepQuerySet,
    RoutingQuerySet,
    RoutingStepQuerySet,
    WorkLogQuerySet,
)
from apps.jobs.states import (
    JOB_NEXT,
    JOB_OPEN,
    STEP_NEXT,
    JobStatus,
    LogKind,
    Priority,
    StartsAfter,
    StepStatus,
    pairs,
)
from apps.machines.models import Machine, Reason
from apps.processes.models import Process

# Without it the trigger's function would run for every report and sum.
STATUS_CHANGES = pgtrigger.AnyChange("status")
AT_LEAST_ONE = [MinValueValidator(1)]
MOST = 10_000_000  # Pieces: beyond is a slip of the finger, and the sums stay in 32 bits.


# ``JOB-000001`` and on, from a sequence: never reused, and past a million it simply grows.
NEXT_NUMBER = Func(function="next_job_number", output_field=models.CharField())


class Routing(Record):
    """A template from which a job's steps are made."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=160)
    part = models.ForeignKey(
        Part,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="routings",
        db_index=False,  # Covered by idx_routings_part.
    )
    notes = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    search_text = SearchText("code", "name")

    objects = RoutingQuerySet.as_manager()

    class Meta:
        db_table = "routings"
        ordering = ("code",)
        indexes = [
            models.Index(fields=["part"], name="idx_routings_part"),
            GinIndex(
                fields=["search_text"], opclasses=["gin_trgm_ops"], name="idx_routings_search"
            ),
            models.Index(
                fields=["search_text"],
                opclasses=["text_pattern_ops"],
                name="idx_routings_search_prefix",
            ),
        ]
        triggers = raises_version("search_text")

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class RoutingStep(Record):
    """One operation of a routing. Steps that share a sequence may run side by side."""

    routing = models.ForeignKey(
        Routing,
        on_delete=models.CASCADE,
        related_name="steps",
        db_index=False,  # Covered by idx_routing_steps_order.
    )
    sequence = models.PositiveSmallIntegerField(validators=AT_LEAST_ONE)
    process = models.ForeignKey(
        Process, on_delete=models.PROTECT, related_name="routing_steps", db_index=False
    )
    machine = models.ForeignKey(
        Machine,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="routing_steps",
        db_index=False,
    )
    setup_minutes = models.PositiveIntegerField(default=0)
    run_minutes_per_unit = models.DecimalField(max_digits=9, decimal_places=3, default=0)
    instructions = models.TextField(blank=True)
    starts_after = models.CharField(
        max_length=10, choices=StartsAfter, default=StartsAfter.FINISHED
    )

    objects = RoutingStepQuerySet.as_manager()

    class Meta:
        db_table = "routing_steps"
        ordering = ("sequence", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(run_minutes_per_unit__gte=0),
                name="routing_steps_run_minutes_chk",
                violation_error_message="Minutes are not negative.",
            ),
            models.CheckConstraint(
                condition=Q(starts_after__in=StartsAfter.values),
                name="routing_steps_starts_after_chk",
            ),
        ]
        indexes = [
            models.Index(fields=["routing", "sequence", "id"], name="idx_routing_steps_order"),
            models.Index(fields=["process"], name="idx_routing_steps_process"),
            models.Index(fields=["machine"], name="idx_routing_steps_machine"),
        ]
        triggers = raises_version()

    def __str__(self) -> str:
        return f"{self.routing.code} · {self.sequence} · {self.process}"


class Job(Record):
    """An order to make a quantity of something by a date.

    ``status`` and what follows from it are written by ``apps.jobs.services`` and nothing else.
    """

    number = models.CharField(max_length=20, editable=False, db_default=NEXT_NUMBER)
    external_id = models.CharField(  # noqa: DJ001 - unique where there is one
        max_length=80,
        null=True,
        blank=True,
        help_text="The key another system knows it by.",
    )
    title = models.CharField(
        max_length=160, blank=True, help_text="Left empty, it is the part's name."
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="jobs", db_index=False
    )
    part = models.ForeignKey(
        Part, on_delete=models.PROTECT, null=True, blank=True, related_name="jobs", db_index=False
    )
    routing = models.ForeignKey(
        Routing,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="jobs",
        db_index=False,
        help_text="The steps of a new job are made from it.",
    )
    quantity = models.PositiveIntegerField(validators=[*AT_LEAST_ONE, MaxValueValidator(MOST)])
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL)
    status = models.CharField(
        max_length=10, choices=JobStatus, default=JobStatus.DRAFT, editable=False
    )
    due_date = models.DateField(null=True, blank=True, help_text="The end of this day.")
    notes = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="created_jobs",
        db_index=False,
    )
    released_at = models.DateTimeField(null=True, editable=False)
    completed_at = models.DateTimeField(null=True, editable=False)
    steps_total = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    steps_done = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    search_text = SearchText("title")

    objects = JobQuerySet.as_manager()

    class Meta:
        db_table = "jobs"
        constraints = [
            models.UniqueConstraint(fields=["number"], name="jobs_number_uniq"),
            models.UniqueConstraint(
                fields=["external_id"],
                name="jobs_external_id_uniq",
                violation_error_message="Another record has this key.",
            ),
            models.CheckConstraint(
                condition=Q(quantity__range=(1, MOST)),
                name="jobs_quantity_chk",
                violation_error_message=f"A job makes between 1 and {MOST:,} pieces.",
            ),
            models.CheckConstraint(
                condition=Q(priority__in=Priority.values), name="jobs_priority_chk"
            ),
            models.CheckConstraint(
                condition=Q(status__in=JobStatus.values), name="jobs_status_chk"
            ),
            models.CheckConstraint(
                condition=Q(steps_done__lte=F("steps_total")), name="jobs_steps_done_chk"
            ),
            models.CheckConstraint(
                condition=(
                    Q(status=JobStatus.DRAFT, released_at=None, completed_at=None)
                    | Q(
                        status__in=(JobStatus.ACTIVE, JobStatus.ON_HOLD),
                        released_at__isnull=False,
                        completed_at=None,
                    )
                    | Q(
                        status=JobStatus.COMPLETED,
                        released_at__isnull=False,
                        completed_at__isnull=False,
                        completed_at__gte=F("released_at"),
                    )
                    | Q(status=JobStatus.CANCELLED, completed_at=None)
                ),
                name="jobs_times_chk",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "created_at", "id"], name="idx_jobs_status_created_at"),
            models.Index(fields=["status", "due_date", "id"], name="idx_jobs_status_due_date"),
            models.Index(
                fields=["due_date", "id"],
                condition=Q(status__in=JOB_OPEN),
                name="idx_jobs_due_date",
            ),
            models.Index(
                fields=["number"],
                opclasses=["varchar_pattern_ops"],
                name="idx_jobs_job_number_pattern",
            ),
            models.Index(fields=["updated_at", "id"], name="idx_jobs_updated_at"),
            models.Index(fields=["customer", "id"], name="idx_jobs_customer"),
            models.Index(fields=["part", "id"], name="idx_jobs_part"),
            models.Index(fields=["routing"], name="idx_jobs_routing"),
            models.Index(fields=["created_by"], name="idx_jobs_created_by"),
            models.Index(fields=["due_date", "id"], name="idx_jobs_due_date_all"),
            GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="idx_jobs_search"),
            models.Index(
                fields=["search_text"],
                opclasses=["text_pattern_ops"],
                name="idx_jobs_search_prefix",
            ),
        ]
        permissions = [
            ("release_job", "Can release jobs to the floor"),
            ("hold_job", "Can put jobs on hold"),
            ("resume_job", "Can resume jobs on hold"),
            ("complete_job", "Can complete jobs by hand"),
            ("cancel_job", "Can cancel jobs"),
            ("reopen_job", "Can reopen completed jobs"),
        ]
        triggers = [
            *raises_version(
                "status", "released_at", "completed_at", "steps_total", "steps_done", "search_text"
            ),
            pgtrigger.FSM(
                name="jobs_transition",
                field="status",
                transitions=pairs(JOB_NEXT),
                condition=STATUS_CHANGES,
            ),
        ]

    def __str__(self) -> str:
        return self.number


class JobStep(Record):
    """One operation of a job.

    ``status``, times, quantities and assignment are written by ``apps.jobs.services`` and
    nothing else. ``priority`` and ``due_date`` are the job's, copied so that dispatch order
    has an index.
    """

    job = models.ForeignKey(
        Job,
        on_delete=models.PROTECT,
        related_name="steps",
        db_index=False,  # Covered by idx_job_steps_job_order.
    )
    sequence = models.PositiveSmallIntegerField(
        validators=AT_LEAST_ONE, help_text="Steps that share one may run side by side."
    )
    process = models.ForeignKey(
        Process, on_delete=models.PROTECT, related_name="steps", db_index=False
    )
    machine = models.ForeignKey(
        Machine,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="steps",
        db_index=False,
    )
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assigned_steps",
        db_index=False,
    )
    status = models.CharField(
        max_length=12, choices=StepStatus, default=StepStatus.PENDING, editable=False
    )
    priority = models.PositiveSmallIntegerField(
        choices=Priority, default=Priority.NORMAL, editable=False
    )
    due_date = models.DateField(null=True, editable=False)
    planned_minutes = models.PositiveIntegerField(default=0)
    quantity_planned = models.PositiveIntegerField(editable=False)
    quantity_good = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    quantity_scrap = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    quantity_rework = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    instructions = models.TextField(blank=True)
    starts_after = models.CharField(
        max_length=10, choices=StartsAfter, default=StartsAfter.FINISHED
    )
    started_at = models.DateTimeField(null=True, editable=False)
    completed_at = models.DateTimeField(null=True, editable=False)
    undo = models.JSONField(
        null=True, editable=False, help_text="What taking back the last start or completion needs."
    )
    import_key = models.CharField(  # noqa: DJ001 - unique where there is one
        max_length=64, null=True, editable=False
    )

    objects = JobStepQuerySet.as_manager()

    class Meta:
        db_table = "job_steps"
        ordering = ("sequence", "pk")
        constraints = [
            models.UniqueConstraint(fields=["import_key"], name="job_steps_import_key_uniq"),
            models.CheckConstraint(
                condition=Q(status__in=StepStatus.values), name="job_steps_status_chk"
            ),
            models.CheckConstraint(
                condition=Q(starts_after__in=StartsAfter.values), name="job_steps_starts_after_chk"
            ),
            models.CheckConstraint(
                condition=Q(priority__in=Priority.values), name="job_steps_priority_chk"
            ),
            models.CheckConstraint(
                condition=(
                    Q(
                        status__in=(StepStatus.PENDING, StepStatus.READY),
                        started_at=None,
                        completed_at=None,
                    )
                    | Q(
                        status__in=(StepStatus.IN_PROGRESS, StepStatus.PAUSED),
                        started_at__isnull=False,
                        completed_at=None,
                    )
                    | Q(
                        status=StepStatus.COMPLETED,
                        started_at__isnull=False,
                        completed_at__isnull=False,
                        completed_at__gte=F("started_at"),
                    )
                    | Q(status__in=(StepStatus.SKIPPED, StepStatus.CANCELLED), completed_at=None)
                ),
                name="job_steps_times_chk",
            ),
        ]
        indexes = [
            models.Index(fields=["job", "status"], name="idx_job_steps_job_status"),
            models.Index(fields=["job", "sequence", "id"], name="idx_job_steps_job_order"),
            models.Index(fields=["assigned_to", "status"], name="idx_job_steps_assigned_status"),
            models.Index(fields=["machine", "status"], name="idx_job_steps_machine_status"),
            models.Index(fields=["created_at", "id"], name="idx_job_steps_created_at"),
            models.Index(
                fields=["started_at", "id"],
                condition=Q(started_at__isnull=False),
                name="idx_job_steps_started_at",
            ),
            models.Index(
                fields=["completed_at", "id"],
                condition=Q(completed_at__isnull=False),
                name="idx_job_steps_completed_at",
            ),
            models.Index(fields=["process", "id"], name="idx_job_steps_process"),
            models.Index(fields=["status", "id"], name="idx_job_steps_status"),
            models.Index(
                F("priority").desc(),
                "due_date",
                "sequence",
                "id",
                condition=Q(status=StepStatus.READY, assigned_to=None),
                name="idx_job_steps_dispatch",
            ),
        ]
        triggers = [
            *raises_version(
                "status",
                "assigned_to",
                "priority",
                "due_date",
                "quantity_good",
                "quantity_scrap",
                "quantity_rework",
                "started_at",
                "completed_at",
                "undo",
            ),
            pgtrigger.FSM(
                name="job_steps_transition",
                field="status",
                transitions=pairs(STEP_NEXT),
                condition=STATUS_CHANGES,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job} · {self.sequence} · {self.process}"

    @property
    def quantity_reported(self) -> int:
        """Pieces reported so far, whatever became of them."""
        return self.quantity_good + self.quantity_scrap + self.quantity_rework

    @property
    def quantity_remaining(self) -> int:
        """Planned pieces not reported yet."""
        return max(self.quantity_planned - self.quantity_reported, 0)


# A log may be taken back for so long (``undo`` takes ten seconds; the rest is slack for clocks).
SETTLES_AFTER = "interval '1 minute'"


class WorkLog(Record):
    """One stretch of time of one operator on one step: what happened, never changed afterwards.

    Both times null: unknown (imported). Started and not ended: open, work goes on.
    """

    step = models.ForeignKey(
        JobStep,
        on_delete=models.PROTECT,
        related_name="logs",
        db_index=False,  # Covered by idx_work_logs_step.
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="work_logs",
        db_index=False,  # Covered by idx_work_logs_user.
    )
    machine = models.ForeignKey(
        Machine,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="work_logs",
        db_index=False,
    )
    kind = models.CharField(max_length=10, choices=LogKind, default=LogKind.RUN)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    quantity_good = models.IntegerField(default=0, db_default=0)
    quantity_scrap = models.IntegerField(default=0, db_default=0)
    quantity_rework = models.IntegerField(default=0, db_default=0)
    scrap_reason = models.ForeignKey(
        Reason, on_delete=models.PROTECT, null=True, related_name="work_logs", db_index=False
    )
    note = models.TextField(blank=True)
    import_key = models.CharField(  # noqa: DJ001 - unique where there is one
        max_length=64, null=True, editable=False
    )

    objects = WorkLogQuerySet.as_manager()

    class Meta:
        db_table = "work_logs"
        constraints = [
            models.UniqueConstraint(fields=["import_key"], name="work_logs_import_key_uniq"),
            models.UniqueConstraint(
                fields=["step", "user"],
                condition=Q(started_at__isnull=False, ended_at=None),
                name="work_logs_open_uniq",
            ),
            models.CheckConstraint(condition=Q(kind__in=LogKind.values), name="work_logs_kind_chk"),
            models.CheckConstraint(
                condition=Q(started_at=None, ended_at=None)
                | Q(started_at__isnull=False, ended_at=None)
                | Q(started_at__isnull=False, ended_at__gte=F("started_at")),
                name="work_logs_times_chk",
            ),
            models.CheckConstraint(
                condition=Q(kind=LogKind.CORRECTION)
                | Q(quantity_good__gte=0, quantity_scrap__gte=0, quantity_rework__gte=0),
                name="work_logs_quantities_chk",
            ),
            models.CheckConstraint(
                condition=Q(kind=LogKind.CORRECTION)
                | Q(quantity_scrap=0)
                | Q(scrap_reason__isnull=False),
                name="work_logs_scrap_reason_chk",
            ),
            models.CheckConstraint(
                condition=~Q(kind=LogKind.CORRECTION) | ~Q(note=""),
                name="work_logs_correction_chk",
            ),
        ]
        indexes = [
            models.Index(fields=["step", "id"], name="idx_work_logs_step"),
            models.Index(fields=["user", "id"], name="idx_work_logs_user"),
            models.Index(
                fields=["user"],
                condition=Q(started_at__isnull=False, ended_at=None),
                name="idx_work_logs_open_user",
            ),
            models.Index(fields=["machine"], name="idx_work_logs_machine"),
            models.Index(
                fields=["scrap_reason"],
                condition=Q(scrap_reason__isnull=False),
                name="idx_work_logs_scrap_reason",
            ),
        ]
        triggers = [
            *raises_version(),
            pgtrigger.Trigger(
                name="work_logs_settled",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Condition(
                    "OLD.ended_at < now() - " + SETTLES_AFTER + " OR OLD.started_at IS NULL"
                ),
                func=(
                    "RAISE EXCEPTION 'a work log is never changed afterwards: add a correction'"
                    " USING ERRCODE = 'restrict_violation';"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.step_id}"


class HelpCall(Record):
    """An operator asked for help, at a step or a machine."""

    step = models.ForeignKey(
        JobStep,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="help_calls",
        db_index=False,
    )
    machine = models.ForeignKey(
        Machine,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="help_calls",
        db_index=False,
    )
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="raised_help_calls",
        editable=False,
        db_index=False,
    )
    note = models.TextField(blank=True)
    raised_at = models.DateTimeField(editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="answered_help_calls",
        editable=False,
        db_index=False,
    )
    answered_at = models.DateTimeField(null=True, editable=False)

    objects = HelpCallQuerySet.as_manager()

    class Meta:
        db_table = "help_calls"
        constraints = [
            models.CheckConstraint(
                condition=Q(step__isnull=False) | Q(machine__isnull=False),
                name="help_calls_place_chk",
                violation_error_message="Say at which step or machine.",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None)
                | Q(answered_at__gte=F("raised_at"), answered_by__isnull=False),
                name="help_calls_answer_chk",
            ),
        ]
        indexes = [
            models.Index(
                fields=["raised_at"], condition=Q(answered_at=None), name="idx_help_calls_open"
            ),
            models.Index(fields=["step"], name="idx_help_calls_step"),
            models.Index(fields=["machine"], name="idx_help_calls_machine"),
            models.Index(fields=["raised_by"], name="idx_help_calls_raised_by"),
            models.Index(fields=["answered_by"], name="idx_help_calls_answered_by"),
        ]
        permissions = [("answer_helpcall", "Can answer help calls")]
        triggers = raises_version()

    def __str__(self) -> str:
        return f"{self.machine or self.step}: {self.note}"


# What a file hangs on, by the names of its foreign keys: exactly one of them is set.
Target = Job | JobStep | RoutingStep | Part | Customer | Machine
TARGETS: Mapping[str, type[Target]] = MappingProxyType(
    {
        "job": Job,
        "step": JobStep,
        "routing_step": RoutingStep,
        "part": Part,
        "customer": Customer,
        "machine": Machine,
    }
)


class Attachment(Record):
    """A file on one job, step, routing step, part, customer or machine.

    What it holds was checked by ``apps.jobs.services`` and never changes: another file is
    another attachment.
    """

    job = models.ForeignKey(
        Job,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
        db_index=False,
    )
    step = models.ForeignKey(
        JobStep,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
        db_index=False,
    )
    routing_step = models.ForeignKey(
        RoutingStep,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
        db_index=False,
    )
    part = models.ForeignKey(
        Part,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
        db_index=False,
    )
    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
        db_index=False,
    )
    machine = models.ForeignKey(
        Machine,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
        db_index=False,
    )
    title = models.CharField(
        max_length=160, blank=True, help_text="Left empty, the file's name is shown."
    )
    file = models.FileField(editable=False, help_text="Where it is stored, under a random name.")
    file_name = models.CharField(max_length=120, editable=False)
    size = models.PositiveIntegerField(editable=False, help_text="Bytes.")
    content_type = models.CharField(max_length=100, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        editable=False,
        related_name="attachments",
        db_index=False,
    )
    search_text = SearchText("file_name", "title")

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        db_table = "attachments"
        constraints = [
            models.UniqueConstraint(fields=["file"], name="attachments_file_uniq"),
            models.CheckConstraint(
                condition=Exact(
                    Func(*TARGETS, function="num_nonnulls", output_field=models.IntegerField()), 1
                ),
                name="attachments_target_chk",
                violation_error_message=(
                    "Choose the one thing it belongs to: "
                    "a job, a step, a routing step, a part, a customer or a machine."
                ),
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="attachments_size_chk"),
        ]
        indexes = [
            models.Index(
                fields=["job", "id"],
                condition=Q(job__isnull=False),
                name="idx_attachments_job",
            ),
            models.Index(
                fields=["step", "id"],
                condition=Q(step__isnull=False),
                name="idx_attachments_step",
            ),
            models.Index(
                fields=["routing_step", "id"],
                condition=Q(routing_step__isnull=False),
                name="idx_attachments_routing_step",
            ),
            models.Index(
                fields=["part", "id"],
                condition=Q(part__isnull=False),
                name="idx_attachments_part",
            ),
            models.Index(
                fields=["customer", "id"],
                condition=Q(customer__isnull=False),
                name="idx_attachments_customer",
            ),
            models.Index(
                fields=["machine", "id"],
                condition=Q(machine__isnull=False),
                name="idx_attachments_machine",
            ),
            models.Index(fields=["uploaded_by"], name="idx_attachments_uploaded_by"),
            GinIndex(
                fields=["search_text"], opclasses=["gin_trgm_ops"], name="idx_attachments_search"
            ),
            models.Index(
                fields=["search_text"],
                opclasses=["text_pattern_ops"],
                name="idx_attachments_search_prefix",
            ),
        ]
        triggers = raises_version("search_text")

    def __str__(self) -> str:
        return self.title or self.file_name

    @property
    def target(self) -> Target | None:
        """What it hangs on; None before it is chosen."""
        return next((getattr(self, name) for name in TARGETS if getattr(self, f"{name}_id")), None)
