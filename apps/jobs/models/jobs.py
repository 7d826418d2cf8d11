"""Jobs: orders to make a quantity of something by a date."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from apps.audit.triggers import audited
from apps.catalog.models import Part
from apps.core.models import Record, raises_version
from apps.core.search import SearchText
from apps.core.triggers import Transitions
from apps.counters.triggers import counted
from apps.customers.models import Customer
from apps.jobs.counters import (
    JOBS_BY_DUE_DATE,
    JOBS_BY_DUE_MONTH,
    JOBS_BY_STATUS,
    JOBS_COMPLETED,
    JOBS_CREATED,
    LEAD_TIMES,
)
from apps.jobs.models.facts import AT_LEAST_ONE, MOST, STATUS_CHANGES
from apps.jobs.models.routings import Routing
from apps.jobs.querysets import (
    JobQuerySet,
)
from apps.jobs.states import (
    JOB_NEXT,
    JOB_OPEN,
    JobStatus,
    Priority,
    pairs,
)

# ``JOB-000001`` and on, from a sequence: never reused, and past a million it simply grows.
NEXT_NUMBER = Func(function="next_job_number", output_field=models.CharField())


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
                violation_error_message=_("Another record has this key."),
            ),
            models.CheckConstraint(
                condition=Q(quantity__range=(1, MOST)),
                name="jobs_quantity_chk",
                violation_error_message=format_lazy(
                    _("A job makes between 1 and {most} pieces."), most=f"{MOST:,}"
                ),
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
            *audited(),
            *counted(
                JOBS_BY_STATUS,
                JOBS_BY_DUE_DATE,
                JOBS_BY_DUE_MONTH,
                JOBS_CREATED,
                JOBS_COMPLETED,
                LEAD_TIMES,
            ),
            *raises_version(
                "status", "released_at", "completed_at", "steps_total", "steps_done", "search_text"
            ),
            Transitions(
                name="jobs_transition",
                field="status",
                transitions=pairs(JOB_NEXT),
                condition=STATUS_CHANGES,
            ),
        ]

    def __str__(self) -> str:
        return self.number
