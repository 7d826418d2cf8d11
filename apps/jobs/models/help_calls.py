"""Help calls from the floor."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.audit.triggers import audited
from apps.core.models import Record, raises_version
from apps.jobs.models.steps import JobStep
from apps.jobs.querysets import (
    HelpCallQuerySet,
)
from apps.machines.models import Machine


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
                violation_error_message=_("Say at which step or machine."),
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
        triggers = [*raises_version(), *audited()]

    def __str__(self) -> str:
        return f"{self.machine or self.step}: {self.note}"
