"""Shared terminals: named, set up by a link, and revoked."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from apps.accounts import services
from apps.accounts.actors import actor
from apps.accounts.models import Terminal
from apps.backoffice.admin import ScalableAdmin


@admin.register(Terminal)
class TerminalAdmin(ScalableAdmin):
    list_display = ("name", "takes_badge_alone", "lock_after_seconds", "last_seen_at", "standing")
    ordering = ("name",)
    search_fields = ("name",)
    search_help_text = "Part of a name"
    fields = (*list_display, "created_at")
    readonly_fields = ("last_seen_at", "standing", "created_at")
    actions = ("link", "revoke")

    @admin.display(description="State")
    def standing(self, terminal: Terminal) -> str:
        return str(terminal.state.label)

    def response_add(
        self, request: HttpRequest, obj: Terminal, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the link that a device becomes the new terminal by."""
        return self._show_link(request, obj)

    @admin.action(description="Make a link that sets the device up", permissions=["change"])
    def link(self, request: HttpRequest, queryset: QuerySet[Terminal]) -> HttpResponse | None:
        chosen = list(queryset[:2])
        if len(chosen) == 1:
            return self._show_link(request, chosen[0])
        self.message_user(request, "Choose one: a link is for one device.", messages.WARNING)
        return None

    def _show_link(self, request: HttpRequest, terminal: Terminal) -> HttpResponse:
        token = services.link_terminal(terminal.pk, actor=actor(request))
        place = reverse("terminal-link", args=[token])
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Set up “{terminal.name}”",
            "record": terminal,
            "value": request.build_absolute_uri(place),
        }
        return TemplateResponse(
            request,
            "admin/accounts/terminal/link.html",
            context,
            headers={"Cache-Control": "no-store"},
        )

    @admin.action(description="Revoke: the device is a terminal no more", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Terminal]) -> None:
        who = actor(request)
        self.act_on_each(
            request, queryset, lambda pk: services.revoke_terminal(pk, actor=who), "revoked"
        )
