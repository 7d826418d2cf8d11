"""Asking the trail."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from apps.audit.models import AuditLog  # noqa: F401 - named in a string


class AuditLogQuerySet(models.QuerySet["AuditLog"]):
    """What happened."""

    def of_rows(self, table: str, row_ids: Collection[int]) -> Self:
        """Changes of some rows of a table. Uses index: idx_audit_logs_row."""
        return self.filter(table=table, row_id__in=row_ids)

    def since(self, moment: datetime) -> Self:
        """Changes from then on; months before are not looked at."""
        return self.filter(at__gte=moment)

    def before(self, moment: datetime) -> Self:
        """Changes before then."""
        return self.filter(at__lt=moment)

    def between(self, starts: datetime, ends: datetime) -> Self:
        """Changes of a span of time, its end excluded; only its months are looked at."""
        return self.since(starts).before(ends)

    def by(self, actor_id: int) -> Self:
        """A user's changes. Uses index: idx_audit_logs_actor_at."""
        return self.filter(actor_id=actor_id)

    def deletions(self) -> Self:
        """Rows that went. Uses index: idx_audit_logs_deleted_at."""
        return self.filter(action="delete")

    def latest_first(self) -> Self:
        """Newest first."""
        return self.order_by("-at", "-id")
