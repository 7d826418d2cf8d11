"""Work logs: what happened, never changed afterwards."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.audit.triggers import audited
from apps.core.models import Record, raises_version
from apps.core.triggers import Trigger
from apps.counters.triggers import counted
from apps.jobs.counters import OUTPUT
from apps.jobs.models.steps import JobStep
from apps.jobs.querysets import (
    WorkLogQuerySet,
)
from apps.jobs.states import (
    LogKind,
)
from apps.machines.models import Machine, Reason

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
                fields=["kind", "id"],
                condition=~Q(kind=LogKind.RUN),  # Nearly all are runs.
                name="idx_work_logs_kind",
            ),
            models.Index(
                fields=["scrap_reason"],
                condition=Q(scrap_reason__isnull=False),
                name="idx_work_logs_scrap_reason",
            ),
        ]
        triggers = [
            *audited(),
            *counted(OUTPUT),
            *raises_version(),
            Trigger(
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
        return f"{self.user} on {self.step}"
