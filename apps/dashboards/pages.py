"""The board, and each role's home."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from apps.accounts.actors import actor
from apps.accounts.models import User
from apps.dashboards import selectors

# Places of the office: what they are called, their admin page, who sees them.
PLACES = (
    ("Jobs", "admin:jobs_job_changelist", "jobs.view_job"),
    ("Job steps", "admin:jobs_jobstep_changelist", "jobs.view_jobstep"),
    ("Customers", "admin:customers_customer_changelist", "customers.view_customer"),
    ("Parts", "admin:catalog_part_changelist", "catalog.view_part"),
    ("Routings", "admin:jobs_routing_changelist", "jobs.view_routing"),
    ("Machines", "admin:machines_machine_changelist", "machines.view_machine"),
    ("Users", "admin:accounts_user_changelist", "accounts.view_user"),
)


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the board to those who see all jobs, and the others how much they have to do."""
    user = actor(request)
    if not user.has_perm("jobs.view_job"):
        return render(request, "dashboards/mine.html", {"tiles": selectors.my_tasks(user)})
    context = {"board": selectors.board(), "places": _places(user)}
    return render(request, "dashboards/board.html", context)


@require_safe
def favicon(_request: HttpRequest) -> HttpResponse:
    """Send browsers that ask at the usual place, on pages that name no icon, to ours."""
    return redirect(static("core/favicon.svg"))


def _places(user: User) -> list[tuple[str, str]]:
    """Return the places of the office that the user may enter."""
    if not user.is_staff:
        return []
    return [(name, url) for name, url, permission in PLACES if user.has_perm(permission)]
