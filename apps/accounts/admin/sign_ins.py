"""What programs sign in with, and who is locked out: made, looked at, ended; never edited."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts import services
from apps.accounts.actors import actor
from apps.accounts.forms import ApiTokenForm, in_a_year
from apps.accounts.models import ApiSession, ApiToken, SignInAttempts
from apps.accounts.states import EVERYWHERE, Revocation, Scope
from apps.backoffice.admin import ScalableAdmin


class EndedAdmin(ScalableAdmin):
    """Rows that are not changed, only ended: by who may change them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Who sees the action that ends a row; the service asks again."""
        return super().has_change_permission(request)


@admin.register(ApiToken)
class ApiTokenAdmin(EndedAdmin):
    when_empty = _("A machine or a program signs in with one.")
    form = ApiTokenForm
    list_display = (
        "name",
        "prefix",
        "user",
        "allows",
        "last_used_at",
        "expires_at",
        "state",
    )
    list_select_related = ("user",)
    search_fields = ("name",)
    search_help_text = "Part of a name, or how a token begins"
    autocomplete_fields = ("user",)
    fields = (*list_display, "revoked_at", "created_by", "created_at")
    readonly_fields = ("allows", "state", "prefix", "created_at", "created_by")
    add_fields = ("user", "name", "scopes", "expires_at")
    actions = ("revoke",)

    @admin.display(description="Allows")
    def allows(self, token: ApiToken) -> str:
        return ", ".join(str(Scope(each).label).partition(":")[0] for each in token.scopes).lower()

    @admin.display(description="State")
    def state(self, token: ApiToken) -> str:
        return str(token.standing(timezone.now()).label)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return ScalableAdmin.has_add_permission(self, request)

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        return self.fields if obj else self.add_fields

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"expires_at": in_a_year(), **super().get_changeform_initial_data(request)}

    def save_model(
        self, request: HttpRequest, obj: ApiToken, form: ModelForm, change: bool
    ) -> None:
        made, plain = services.make_api_token(
            user=obj.user,
            name=obj.name,
            scopes=obj.scopes,
            expires_at=obj.expires_at,
            actor=actor(request),
        )
        obj.pk, obj.prefix = made.pk, made.prefix
        request.plain_token = plain  # type: ignore[attr-defined]  # for the answer, and only for it

    def response_add(
        self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the token in the answer itself: kept for a next page, it would lie somewhere."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"The API token “{obj.name}”",
            "record": obj,
            "value": request.plain_token,  # type: ignore[attr-defined]  # by save_model
        }
        return TemplateResponse(
            request,
            "admin/accounts/apitoken/made.html",
            context,
            headers={"Cache-Control": "no-store"},
        )

    @admin.action(description="Revoke: count no more, for good", permissions=["end"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        who = actor(request)
        self.act_on_each(
            request, queryset, lambda pk: services.revoke_api_token(pk, actor=who), "revoked"
        )


@admin.register(ApiSession)
class ApiSessionAdmin(EndedAdmin):
    when_empty = _("A program that signs in with a password has one.")
    list_display = (
        "user",
        "user_agent",
        "address",
        "created_at",
        "refreshed_at",
        "expires_at",
        "state",
    )
    list_select_related = ("user",)
    search_fields = ("user",)
    search_help_text = "The start of a name or sign-in name, or a badge"
    fields = (*list_display, "revoked_at")
    readonly_fields = ("created_at", "refreshed_at", "state")
    actions = ("sign_out",)

    @admin.display(description="State")
    def state(self, session: ApiSession) -> str:
        if session.revoked_because:
            return str(Revocation(session.revoked_because).label)
        return str(session.standing(timezone.now()).label)

    @admin.action(description="Sign out", permissions=["end"])
    def sign_out(self, request: HttpRequest, queryset: QuerySet[ApiSession]) -> None:
        who = actor(request)
        self.act_on_each(
            request, queryset, lambda pk: services.revoke_api_session(pk, actor=who), "signed out"
        )


@admin.register(SignInAttempts)
class SignInAttemptsAdmin(EndedAdmin):
    when_empty = _("Nobody is locked out.")
    list_display = ("username", "where_from", "taken", "window_ends_at")
    list_display_links = None
    ordering = ("-window_ends_at",)
    search_fields = ("username",)
    search_help_text = "Part of a sign-in name"
    fields = list_display
    readonly_fields = ("where_from",)
    actions = ("unlock",)

    @admin.display(description="From")
    def where_from(self, attempts: SignInAttempts) -> str:
        return "everywhere" if attempts.address == EVERYWHERE else attempts.address or "unknown"

    def get_queryset(self, request: HttpRequest) -> QuerySet[SignInAttempts]:
        """Show those that are locked now; the rest is of no use to anybody."""
        rows: QuerySet[SignInAttempts] = super().get_queryset(request)
        return SignInAttempts.objects.full() & rows

    @admin.action(description="Unlock: let the name sign in again", permissions=["end"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[SignInAttempts]) -> None:
        who = actor(request)
        self.act_on_each(
            request, queryset, lambda pk: services.unlock_sign_in(pk, actor=who), "unlocked"
        )
