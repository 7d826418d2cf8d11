"""What users are told."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.audit.triggers import audited
from apps.core.models import Record, raises_version
from apps.notifications.querysets import NotificationQuerySet
from apps.notifications.states import NotificationKind


class Notification(Record):
    """One thing that happened and that one user should know of, read or not."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="notifications",
        editable=False,
        db_index=False,  # Covered by idx_notifications_created_at.
    )
    kind = models.CharField(max_length=20, choices=NotificationKind, editable=False)
    title = models.CharField(max_length=200, editable=False)
    body = models.TextField(blank=True, editable=False)
    link = models.CharField(
        max_length=200, blank=True, editable=False, help_text="The path of the page about it."
    )
    read_at = models.DateTimeField(null=True, editable=False)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        db_table = "notifications"
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=NotificationKind.values), name="notifications_kind_chk"
            ),
        ]
        indexes = [
            models.Index(
                fields=["recipient", "created_at", "id"], name="idx_notifications_created_at"
            ),
            models.Index(
                fields=["recipient"],
                condition=Q(read_at=None),
                name="idx_notifications_unread",
            ),
        ]
        triggers = [*raises_version("read_at"), *audited()]

    def __str__(self) -> str:
        return self.title
