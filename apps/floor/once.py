"""Actions of the operators' pages: done once, and told to a page and to its script alike."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import orjson
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.accounts.actors import actor
from apps.background.errors import KeyInUse, KeyReused
from apps.background.idempotency import Stored, fingerprint_of, once
from apps.core.errors import DomainError
from apps.floor.drawing import BY, FIELD
from apps.floor.errors import NotThere, SomeoneElses
from apps.floor.ways_on import way_on
from apps.jobs.models import JobStep
from apps.machines.models import Machine

HEADER = "Idempotency-Key"
UNSAID = frozenset({FIELD, "csrfmiddlewaretoken"})  # What is of the sending, and not of the deed.
JSON = "application/json"
RETRY_AFTER = 2  # Seconds.
AT = "at"  # In the address of an undo: when that was done which it means.

Show = Callable[..., HttpResponse]
Do = Callable[..., "Done"]


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: in words, the address that takes it back, and the page that comes after."""

    done: str
    undo: str | None
    page: str


def done(words: str, *, undo: str | None = None, page: str = "") -> Done:
    """Say what was done; without another, the page after it is the operator's work."""
    return Done(words, undo, page or reverse("tasks"))


def undoing(step: JobStep) -> str:
    """Return the address that takes back what was just done to the step."""
    memory: Any = step.undo  # There is one: whatever can be undone has just written it.
    return f"{reverse('task-undo', args=[step.pk])}?{urlencode({AT: memory['at']})}"


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks."""
    return request.get_preferred_type(["text/html", JSON]) == JSON


def action(do: Do, show: Show) -> Show:
    """Make a page of something that can be done: read, it is shown; posted, it is done once.

    ``do`` does it, or raises the refusal. ``show`` draws the page, with the refusal if there was
    one; what was typed it finds in the request.
    """

    @wraps(do)
    @require_http_methods(["GET", "HEAD", "POST"])
    def page(request: HttpRequest, **where: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _signed_out(request)
        if request.method != "POST":
            return show(request, refusal=None, **where)
        try:
            _require_by(request)
            told = _once(request, lambda: do(request, **where))
        except (JobStep.DoesNotExist, Machine.DoesNotExist):
            return _refuse(request, NotThere(_("It is not there.")), show, where)
        except DomainError as refusal:
            return _refuse(request, refusal, show, where)
        return _tell(request, told)

    return page


def signed_in(show: Show, methods: Sequence[str] = ("GET", "HEAD")) -> Show:
    """Make a page that is only read; a script that is signed out is told so."""

    @wraps(show)
    @require_http_methods(methods)
    def page(request: HttpRequest, **where: Any) -> HttpResponse:
        return show(request, **where) if request.user.is_authenticated else _signed_out(request)

    return page


def refused(request: HttpRequest, refusal: DomainError, page: str) -> HttpResponse:
    """Tell a script a refusal, the page where it can be put right, and the way on."""
    on = way_on(refusal, request)
    told = {
        "refused": refusal.message,
        "code": refusal.code,
        "field": refusal.field,
        "way_on": asdict(on) if on else None,
        "page": page,
    }
    return JsonResponse(told, status=refusal.status)


def _once(request: HttpRequest, effect: Callable[[], Done]) -> Done:
    """Have the effect; for a key that comes again, only return what was told."""
    key = request.headers.get(HEADER) or request.POST.get(FIELD, "")
    if not key:
        return effect()
    said = sorted((name, each) for name, each in _fields(request) if name not in UNSAID)
    stored = once(
        user_id=actor(request).pk,
        method="POST",
        path=request.path,
        key=key,
        fingerprint=fingerprint_of(urlencode(said).encode()),
        effect=lambda: Stored(HTTPStatus.OK, {}, orjson.dumps(effect())),
    )
    return Done(**orjson.loads(stored.body))


def _fields(request: HttpRequest) -> list[tuple[str, str]]:
    return [(name, str(each)) for name, values in request.POST.lists() for each in values]


def _require_by(request: HttpRequest) -> None:
    """Refuse what someone else did on this device: it is theirs, and waits for them.

    Raises: SomeoneElses.
    """
    by = request.POST.get(BY)
    if by and by != str(actor(request).pk):
        raise SomeoneElses(_("Someone else did this on this device, and must sign in to send it."))


def _tell(request: HttpRequest, told: Done) -> HttpResponse:
    if wants_json(request):
        return JsonResponse(asdict(told))
    messages.success(request, told.done, extra_tags=told.undo or "")
    return redirect(told.page)


def _refuse(
    request: HttpRequest, refusal: DomainError, show: Show, where: dict[str, Any]
) -> HttpResponse:
    if isinstance(refusal, KeyInUse):
        return HttpResponse(status=503, headers={"Retry-After": str(RETRY_AFTER)})
    if wants_json(request):
        if isinstance(refusal, SomeoneElses):
            return _signed_out(request)
        return refused(request, _told_to(request, refusal, where), _page_of(request, where))
    if isinstance(refusal, NotThere):
        raise Http404
    if isinstance(refusal, KeyReused):
        refusal = DomainError(_("This page was sent already. Look at what is so now."))
    elif not isinstance(refusal, SomeoneElses):
        return show(request, refusal=refusal, **where)
    messages.warning(request, refusal.message)
    return redirect("tasks")


def _told_to(request: HttpRequest, refusal: DomainError, where: dict[str, Any]) -> DomainError:
    """Return the refusal; of a step that one may not see, only that it is not there."""
    if "step_id" not in where:
        return refusal
    seen = JobStep.objects.visible_to(actor(request)).filter(pk=where["step_id"])
    return refusal if seen.exists() else NotThere(_("It is not there."))


def _page_of(request: HttpRequest, where: dict[str, Any]) -> str:
    """Return the page on which a refused action can be put right."""
    shown = getattr(request.resolver_match, "url_name", "")
    is_drawn = shown not in {"task-start", "task-kind", "task-undo", "task-still"}
    return request.path if is_drawn else reverse("task", args=[where["step_id"]])


def _signed_out(request: HttpRequest) -> HttpResponse:
    if request.method == "GET" and not wants_json(request):
        return redirect_to_login(request.get_full_path())
    login = redirect_to_login(reverse("tasks"))
    if not wants_json(request):
        return login
    return JsonResponse({"signed_out": True, "page": login["Location"]}, status=401)
