"""Work logs and help calls: what happened, to read."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.accounts.actors import actor
from apps.backoffice.admin import ScalableAdmin
from apps.jobs import services
from apps.jobs.models import HelpCall, WorkLog


class ReadOnlyAdmin(ScalableAdmin):
    """Rows that services write and nobody types."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(WorkLog)
class WorkLogAdmin(ReadOnlyAdmin):
    when_empty = _("Who works on a step writes one.")
    list_display = (
        "step",
        "user",
        "machine",
        "kind",
        "started_at",
        "ended_at",
        "quantity_good",
        "quantity_scrap",
        "quantity_rework",
        "scrap_reason",
    )
    list_select_related = ("step__job", "step__process", "user", "machine", "scrap_reason")
    search_fields = ("step",)
    search_help_text = "A job number"
    fields = (*list_display, "note")

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkLog]:
        rows: QuerySet[WorkLog] = super().get_queryset(request)
        return WorkLog.objects.visible_to(actor(request)) & rows


@admin.register(HelpCall)
class HelpCallAdmin(ReadOnlyAdmin):
    when_empty = _("Operators call from a step’s page.")
    list_display = (
        "raised_at",
        "step",
        "machine",
        "note",
        "raised_by",
        "answered_by",
        "answered_at",
    )
    list_select_related = ("step__job", "step__process", "machine", "raised_by", "answered_by")
    list_filter = (("answered_at", admin.EmptyFieldListFilter),)
    search_fields = ("machine",)
    search_help_text = "The start of a machine's code"
    fields = list_display
    actions = ("answer",)

    @admin.action(description="Answer: on the way")
    def answer(self, request: HttpRequest, queryset: QuerySet[HelpCall]) -> None:
        who = actor(request)
        self.act_on_each(
            request, queryset, lambda pk: services.answer_help(pk, actor=who), "answered"
        )
