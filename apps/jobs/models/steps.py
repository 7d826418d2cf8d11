"""Job steps: the operations of a job."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.audit.triggers import audited
from apps.core.models import Record, raises_version
from apps.core.triggers import Transitions, Trigger
from apps.counters.triggers import counted
from apps.jobs.counters import (
    STEPS_BY_ASSIGNEE,
    STEPS_BY_MACHINE,
    STEPS_BY_STATUS,
    STEPS_COMPLETED,
)
from apps.jobs.models.facts import AT_LEAST_ONE, STATUS_CHANGES
from apps.jobs.models.jobs import Job
from apps.jobs.querysets import (
    JobStepQuerySet,
)
from apps.jobs.states import (
    STEP_NEXT,
    STEP_WAITING,
    Priority,
    StartsAfter,
    StepStatus,
    pairs,
)
from apps.machines.models import Machine
from apps.processes.models import Process

_WAITING = "({})".format(", ".join(f"'{status}'" for status in STEP_WAITING))


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
        null=True, editable=False, help_text="What taking back the last deed needs."
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
            models.Index(
                fields=["assigned_to", "id"],
                condition=Q(assigned_to__isnull=False),
                name="idx_job_steps_assigned",
            ),
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
            models.Index(
                "status",
                F("priority").desc(),
                "due_date",
                "sequence",
                "id",
                # Ready ones that nobody has stand in the index above.
                condition=Q(status=StepStatus.PAUSED)
                | Q(status=StepStatus.READY, assigned_to__isnull=False),
                name="idx_job_steps_at_hand",
            ),
        ]
        triggers = [
            *audited(ignored=("undo",)),
            *counted(STEPS_BY_STATUS, STEPS_BY_MACHINE, STEPS_BY_ASSIGNEE, STEPS_COMPLETED),
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
            # Or what its logs made would have been made by another process.
            Trigger(
                name="job_steps_process_settled",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("process"),
                func=(
                    f"IF OLD.status NOT IN {_WAITING}"
                    " OR EXISTS (SELECT FROM public.work_logs WHERE step_id = OLD.id) THEN"
                    " RAISE EXCEPTION 'a step that was begun keeps its process'"
                    " USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW;"
                ),
            ),
            Transitions(
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
