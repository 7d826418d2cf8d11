"""The trail itself."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from apps.audit.querysets import AuditLogQuerySet
from apps.core.acting import Source


class Action(models.TextChoices):
    """What happened to a row."""

    INSERT = "insert", "Added"
    UPDATE = "update", "Changed"
    DELETE = "delete", "Deleted"


class AuditLog(models.Model):
    """One change of one row: written by the row's trigger, never changed by anyone.

    Partitioned by month of ``at`` (UTC), so that old months leave as whole tables; migrations
    make it by hand. ``actor_id`` is no foreign key: the trail outlives users.
    """

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    source = models.CharField(max_length=10, choices=Source)
    request_id = models.CharField(max_length=64)
    table = models.CharField(max_length=63)
    row_id = models.BigIntegerField()
    action = models.CharField(max_length=6, choices=Action)
    changes = models.JSONField(help_text="Column: [old, new]. An absent column was or is null.")

    objects = AuditLogQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "audit_logs"
        verbose_name = "change"
        ordering = ("-at", "-id")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["table", "row_id", "at"], name="idx_audit_logs_row"),
            models.Index(fields=["actor_id", "at"], name="idx_audit_logs_actor_at"),
            models.Index(fields=["table", "at"], name="idx_audit_logs_table_at"),
            models.Index(fields=["source", "at"], name="idx_audit_logs_source_at"),
            models.Index(
                fields=["at"], condition=Q(action="delete"), name="idx_audit_logs_deleted_at"
            ),
            BrinIndex(fields=["at", "id"], name="idx_audit_logs_at"),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.row_id}: {self.get_action_display()}"
