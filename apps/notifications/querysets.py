"""Questions about notifications."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.notifications.models import Notification  # noqa: F401 - named in a string


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Questions about notifications."""

    def visible_to(self, user: "User") -> Self:
        """One's own, whatever one may do else. Uses index: idx_notifications_created_at."""
        return self.filter(recipient=user)

    def unread(self) -> Self:
        """What has not been read. Uses index: idx_notifications_unread."""
        return self.filter(read_at=None)

    def read_before(self, moment: datetime) -> Self:
        """What was read before the moment (aware)."""
        return self.filter(read_at__lt=moment)

    def latest_first(self) -> Self:
        """The newest before the rest."""
        return self.order_by("-created_at", "-pk")
