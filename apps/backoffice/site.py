"""The admin site: staff only, through the one sign-in of the house."""

from typing import Any, cast

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode

from apps.audit import selectors
from apps.audit.models import AuditLog
from apps.backoffice.trail import Telling

LATEST = 10


class BackofficeSite(AdminSite):
    """Andon's office."""

    site_header = "Andon"
    site_title = "Andon"
    index_title = "Office"
    site_url = "/"
    enable_nav_sidebar = True

    def login(
        self,
        request: HttpRequest,
        extra_context: dict[str, object] | None = None,  # noqa: ARG002 - Django's signature
    ) -> HttpResponse:
        """Send strangers to the sign-in page and the signed-in without office rights home.

        Who is signed in with a badge or a PIN is asked for the password.
        """
        if request.user.is_authenticated and not request.user.at_terminal:
            return redirect("home")
        wanted = request.GET.get("next") or reverse("admin:index")
        return redirect(f"{reverse('login')}?{urlencode({'next': wanted})}")

    def password_change(  # type: ignore[override]  # it leads away: no page is made
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 - as above
    ) -> HttpResponse:
        """Send to the one page for one's own password, where guessing the old one is guarded."""
        return redirect("password")

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Show what there is, and what the user changed last, through any door."""
        trail = AuditLog.objects.between(selectors.begins(), selectors.soon())
        rows = list(trail.by(cast("int", request.user.pk)).latest_first()[:LATEST])
        context = {"latest": Telling(rows, request).entries(), **(extra_context or {})}
        return super().index(request, context)
