"""Processes and who may do them, in the office."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse

from apps.accounts.actors import actor
from apps.backoffice.admin import ScalableAdmin, ScalableInline
from apps.core.keys import key_of
from apps.processes import services
from apps.processes.models import Process, RoleProcessPermission


class RightInline(ScalableInline):
    model = RoleProcessPermission
    verbose_name = "right of a role"
    verbose_name_plural = "rights of roles"
    fields = ("role", "can_view", "can_execute", "can_supervise")
    autocomplete_fields = ("role",)
    show_change_link = False
    max_num = 100  # No shop has as many roles.


@admin.register(Process)
class ProcessAdmin(ScalableAdmin):
    list_display = ("name", "code", "standard_minutes", "needs_machine", "is_active")
    list_filter = ("is_active", "needs_machine")
    sortable_by = ("name", "code")
    ordering = ("name",)
    search_fields = ("name",)
    search_help_text = "Part of a code or name"
    fields = ("code", "name", "description", "standard_minutes", "needs_machine", "is_active")
    inlines = (RightInline,)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Say so when nobody may work a process yet."""
        if request.method == "GET" and self._has_no_rights(object_id):
            self.message_user(
                request,
                "No role may see or execute this process yet: give rights below.",
                messages.WARNING,
            )
        return super().change_view(request, object_id, form_url, extra_context)

    def _has_no_rights(self, object_id: str) -> bool:
        key = key_of(object_id)
        return bool(key) and not RoleProcessPermission.objects.filter(process=key).exists()

    def store_row(self, request: HttpRequest, row: Any, fields: list[str]) -> None:
        services.save_right(row, actor=actor(request), fields=fields)

    def delete_model(self, request: HttpRequest, obj: Process) -> None:
        services.delete_process(obj, actor=actor(request))

    def delete_row(self, request: HttpRequest, row: Any) -> None:
        services.delete_right(row, actor=actor(request))
