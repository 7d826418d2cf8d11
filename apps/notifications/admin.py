"""One's notifications in the office, to read."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.accounts.actors import actor
from apps.backoffice.admin import ScalableAdmin
from apps.notifications.models import Notification


@admin.register(Notification)
class NotificationAdmin(ScalableAdmin):
    when_empty = _(
        "Andon sends one when a step is given to somebody, or when help is called or comes."
    )
    list_display = ("title", "kind", "created_at", "read_at")
    list_filter = (("read_at", admin.EmptyFieldListFilter),)
    ordering = ("-created_at",)
    fields = ("title", "kind", "body", "link", "created_at", "read_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notification]:
        rows: QuerySet[Notification] = super().get_queryset(request)
        return Notification.objects.visible_to(actor(request)) & rows

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
