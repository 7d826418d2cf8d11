"""The board, and each role's home."""

from http import HTTPStatus

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from apps.accounts.actors import actor
from apps.accounts.models import User
from apps.dashboards import drawing, selectors
from apps.shop.selectors import current_shop

SEES_ALL = "jobs.view_job"
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
    if not user.has_perm(SEES_ALL):
        mine = drawing.figures_of_mine(selectors.my_tasks(user))
        return render(request, "dashboards/mine.html", {"figures": mine})
    context = {
        "live": _live(request),
        "now": timezone.now(),
        "shop": current_shop(),
        "is_wall": _is_wall(request),
        "places": () if _is_wall(request) else _places(user),
    }
    return render(request, "dashboards/board.html", context)


@require_safe
def live(request: HttpRequest) -> HttpResponseBase:
    """Answer the part of the board that follows the shop; 304 while it is as it was.

    Queries: 1 at most while nothing changes.
    """
    if not request.user.is_authenticated:
        return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
    if not actor(request).has_perm(SEES_ALL):
        return HttpResponse(status=HTTPStatus.FORBIDDEN)
    drawn = _live(request)
    answer = HttpResponse(drawn.body, headers={"ETag": drawn.tag})
    return get_conditional_response(request, etag=drawn.tag, response=answer) or answer


@require_safe
def favicon(_request: HttpRequest) -> HttpResponse:
    """Send browsers that ask at the usual place, on pages that name no icon, to ours."""
    return redirect(static("core/favicon.svg"))


def _live(request: HttpRequest) -> drawing.Live:
    is_wall = _is_wall(request)
    return drawing.live(has_office=actor(request).is_staff and not is_wall, is_wall=is_wall)


def _is_wall(request: HttpRequest) -> bool:
    """Whether a screen on the wall asks, at which nobody stands."""
    return request.GET.get("kiosk") == "1"


def _places(user: User) -> list[tuple[str, str]]:
    """Return the places of the office that the user may enter."""
    if not user.is_staff:
        return []
    return [(name, url) for name, url, permission in PLACES if user.has_perm(permission)]
