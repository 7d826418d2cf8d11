"""What one is told, and that one has read it."""

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from apps.api.answers import answer
from apps.api.filters import asked
from apps.api.items import Nothing
from apps.api.operations import operation
from apps.api.records import RecordView
from apps.api.rows import Row
from apps.api.views import WORK
from apps.notifications import services
from apps.notifications.models import Notification


def _unread(rows: Any) -> Any:
    return rows.unread()


class NotificationRow(Row):
    class Meta:
        model = Notification
        fields = ("id", "kind", "title", "body", "link", "read_at", "created_at", "version")


class ReadAll(serializers.Serializer[Any]):
    """How many were unread."""

    read = serializers.IntegerField()


class NotificationView(RecordView[Notification]):
    """One's own notifications, the latest first."""

    model, row = Notification, NotificationRow
    reads = "visible"
    scopes = {"mark_read": WORK, "mark_all_read": WORK}
    orderings = {"created_at": ("created_at",)}
    filters = {"unread": asked(_unread, "What one has not read yet.")}

    @action(detail=True, methods=["post"], url_path="read")
    @operation(tells=NotificationRow)
    def mark_read(self, request: Request, pk: int) -> HttpResponse:
        """Say that one has read it; the first time counts."""
        self.read(Nothing)
        with self.acting_on(pk):
            services.mark_read(pk, actor=self.actor)
        return self.tell(pk)

    @action(detail=False, methods=["post"], url_path="read-all")
    @operation(tells=ReadAll)
    def mark_all_read(self, request: Request) -> HttpResponse:
        """Say that one has read all that there is."""
        self.read(Nothing)
        return answer(request._request, {"read": services.mark_all_read(actor=self.actor)})
