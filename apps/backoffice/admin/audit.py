"""The audit trail: read by filters, never changed, quick at any length."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.views.main import PAGE_VAR
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path

from apps.audit import selectors
from apps.audit.models import AuditLog
from apps.audit.selectors import Question
from apps.backoffice.admin.base import ScalableAdmin
from apps.backoffice.asking import AskForm
from apps.backoffice.changelist import KeysetChangeList
from apps.backoffice.trail import Entry, Telling, Who


class TrailList(KeysetChangeList):
    """A page of the trail, in words."""

    form: AskForm
    question: Question | None
    looked_back_to: datetime | None = None
    look_at_most = selectors.LOOK_AT_MOST

    def get_queryset(
        self, request: HttpRequest, exclude_parameters: Any = None
    ) -> QuerySet[AuditLog]:
        """Return what the form asks for; Django's own filters and search have no part in it."""
        self.form = AskForm(request)
        self.filter_specs: list[Any] = []
        self.has_filters = self.has_active_filters = False
        self.question = self.form.question()
        if self.question is None:
            return AuditLog.objects.none()
        answer = selectors.ask(self.question)
        self.looked_back_to = answer.looked_back_to
        return answer.rows

    def get_results(self, request: HttpRequest) -> None:
        """Read one page and tell it."""
        super().get_results(request)
        rows: list[Any] = self.page.rows
        telling = Telling(rows, request)
        self.told: list[tuple[Entry, Who]] = [
            (entry, telling.who(entry.row)) for entry in telling.entries()
        ]

    def count(self, rows: QuerySet[Model]) -> tuple[int, bool]:
        """Count nothing."""
        return len(self.page.rows), False

    @property
    def showing(self) -> str:
        """Say what the page shows; of how much, nobody counts."""
        count = len(self.page.rows)
        return "1 change" if count == 1 else f"{count} changes" if count else ""

    @property
    def around(self) -> datetime | None:
        """The change around whose time its request's others are looked for."""
        return self.form.cleaned_data.get("around")

    @property
    def anywhen_url(self) -> str:
        """The same question, of the whole period."""
        return self.get_query_string(remove=["around", PAGE_VAR])

    @property
    def further_url(self) -> str:
        """What was before what has been looked through, once its last page is reached."""
        if not self.looked_back_to or self.page.next:
            return ""
        until = self.looked_back_to.isoformat()
        return self.get_query_string({"until": until}, remove=[PAGE_VAR])


class WhoView(AutocompleteJsonView):
    """Answers with users, whether they may still sign in or not."""

    def process_request(self, request: HttpRequest) -> Any:
        listed = admin.site.get_model_admin(get_user_model())
        if not request.user.has_perm("audit.view_auditlog"):
            raise PermissionDenied
        return request.GET.get("term", ""), listed, None, "id"

    def get_queryset(self) -> QuerySet[Any]:
        users: QuerySet[Any] = get_user_model()._default_manager.order_by("full_name", "pk")
        term = self.term.strip()
        return users.search(term) if term else users  # type: ignore[attr-defined]  # of our users


@admin.register(AuditLog)
class AuditLogAdmin(ScalableAdmin):
    change_list_template = "backoffice/trail.html"
    list_display = ("at",)
    list_display_links = None
    ordering = ("-at",)

    def get_urls(self) -> list[URLPattern]:
        """One page, and the answers to its choice of a user: a change has no page of its own."""
        who = WhoView.as_view(admin_site=self.admin_site)
        return [
            path(
                "",
                self.admin_site.admin_view(self.changelist_view),
                name="audit_auditlog_changelist",
            ),
            path("who/", self.admin_site.admin_view(who), name="audit_auditlog_who"),
        ]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[TrailList]:
        return TrailList

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return super().changelist_view(request, {"title": "Audit trail", **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
