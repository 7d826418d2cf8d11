"""The supervisor's floor: looking at it, and every change that is made from it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.actors import actor
from apps.accounts.models import Role, User
from apps.core.errors import DomainError, Invalid
from apps.core.keys import key_of
from apps.floor import shift as shifts
from apps.floor.errors import NotThere
from apps.floor.once import Done, action, done, signed_in
from apps.floor.supervision import Reading, may_supervise_at_all
from apps.floor.supervision_menus import person_menu, place_for, step_menu
from apps.jobs import services
from apps.jobs.models import HelpCall, JobStep
from apps.jobs.states import Priority
from apps.machines.services import end_downtime

PAGES = ("floor", "shift")  # What an action can lead back to.
POLL_SECONDS = 5
TABS = (("floor", gettext_lazy("The floor")), ("shift", gettext_lazy("Start of shift")))


@signed_in
def floor(request: HttpRequest) -> HttpResponse:
    """Show who works on what, the machines, and what waits. Queries: 1 and the user's."""
    return _nothing_yet(request) or _floor(request)


@signed_in
def shift(request: HttpRequest) -> HttpResponse:
    """Show the start of a shift: what can run, who is here, when jobs will be done.

    Queries: 2 and the user's.
    """
    if nothing := _nothing_yet(request):
        return nothing
    reading = Reading(_supervisor(request), _chosen(request), shifts.SHOWN)
    return _watched(
        request,
        reading,
        "floor/supervision/shift.html",
        lambda: {"plan": shifts.plan(reading)},
    )


@signed_in
def step(request: HttpRequest, step_id: int) -> HttpResponse:
    """Show what can be done to a step. Queries: 1 and the user's."""
    return _step(request, step_id=step_id)


@signed_in
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """Show what somebody could be given. Queries: 2 and the user's."""
    return _person(request, person_id=person_id)


def _assign(request: HttpRequest, step_id: int) -> Done:
    """Give a step to somebody, or to nobody."""
    user = _user(request)
    with _as_seen(request, step_id):
        step = services.assign_step(step_id, user, actor=actor(request))
    words = _("%(step)s: given to %(user)s") if user else _("%(step)s: nobody has it now")
    return _done(request, words % {"step": _named(step), "user": user})


def _move(request: HttpRequest, step_id: int) -> Done:
    """Plan a step for another machine, or for any."""
    machine_id = _number(request, "machine") if request.POST.get("machine") else None
    with _as_seen(request, step_id):
        step = services.move_step(step_id, machine_id, actor=actor(request))
    words = _("%(step)s: planned on %(machine)s") if machine_id else _("%(step)s: any machine")
    return _done(request, words % {"step": _named(step), "machine": step.machine})


def _prioritise(request: HttpRequest, step_id: int) -> Done:
    """Make the step's job more or less urgent."""
    number = _number(request, "priority")
    if number not in Priority.values:
        raise Invalid(_("There is no such priority."), field="priority")
    with _as_seen(request, step_id):
        step = services.prioritise_step(step_id, Priority(number), actor=actor(request))
    said = {"step": _named(step), "priority": Priority(number).label}
    return _done(request, _("%(step)s: priority %(priority)s") % said)


def _skip(request: HttpRequest, step_id: int) -> Done:
    """Leave a step out."""
    with _as_seen(request, step_id):
        step = services.skip_step(step_id, actor=actor(request))
    return _done(request, _("%(step)s: left out") % {"step": _named(step)})


def _place(request: HttpRequest, person_id: int) -> Done:
    """Put somebody to a machine: its next step that nobody has is theirs."""
    users = User.objects.visible_to(actor(request)).active().with_labels()
    user = users.filter(pk=person_id).first()
    if user is None:
        raise NotThere(_("It is not there."))
    machine_id = _number(request, "machine")
    with transaction.atomic():
        step = place_for(user, machine_id)
        if step is None:
            raise Invalid(
                _("Nothing waits on this machine that nobody has and %(user)s may do.")
                % {"user": user},
                field="machine",
            )
        if step.machine_id is None:
            services.move_step(step.pk, machine_id, actor=actor(request))
        services.assign_step(step.pk, user, actor=actor(request))
    return _done(request, _("%(step)s: given to %(user)s") % {"step": _named(step), "user": user})


def _answer(request: HttpRequest, call_id: int) -> Done:
    """Say that one is on the way."""
    try:
        call = services.answer_help(call_id, actor=actor(request))
    except HelpCall.DoesNotExist as error:
        raise NotThere(_("It is not there.")) from error
    return _done(request, _("%(user)s knows that you come.") % {"user": call.raised_by})


def _bring_up(request: HttpRequest, downtime_id: int) -> Done:
    """Say that a machine is up again."""
    try:
        downtime = end_downtime(downtime_id, actor=actor(request))
    except ObjectDoesNotExist as error:
        raise NotThere(_("It is not there.")) from error
    return _done(request, _("%(machine)s is up again.") % {"machine": downtime.machine})


def _floor(request: HttpRequest, refusal: DomainError | None = None, **_where: Any) -> HttpResponse:
    reading = Reading(_supervisor(request), _chosen(request))
    return _watched(
        request,
        reading,
        "floor/supervision/floor.html",
        lambda: {"floor": reading.scene()},
        refusal,
    )


def _step(request: HttpRequest, step_id: int, refusal: DomainError | None = None) -> HttpResponse:
    menu = step_menu(_supervisor(request), step_id)
    return _menu(request, "floor/supervision/step.html", menu, refusal)


def _person(
    request: HttpRequest, person_id: int, refusal: DomainError | None = None
) -> HttpResponse:
    menu = person_menu(_supervisor(request), person_id)
    return _menu(request, "floor/supervision/person.html", menu, refusal)


def _menu(
    request: HttpRequest, template: str, menu: object | None, refusal: DomainError | None
) -> HttpResponse:
    if menu is None:
        raise Http404
    context = {"menu": menu, "refusal": refusal, "back": _back(request), "chosen": _chosen(request)}
    return render(request, template, context, status=_status(refusal))


def _watched(
    request: HttpRequest,
    reading: Reading,
    template: str,
    draw: Callable[[], Mapping[str, Any]],
    refusal: DomainError | None = None,
) -> HttpResponse:
    """Draw a page that asks for itself again and again, unless it is as it was.

    A page with something said on it once bears no tag: the next one is another.
    """
    tag = reading.tag
    if request.method == "GET" and request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
    context = {
        **draw(),
        "refusal": refusal,
        "back": _back(request),
        "chosen": _chosen(request),
        "poll_seconds": POLL_SECONDS,
        "tabs": TABS,
    }
    has_news = refusal is not None or bool(messages.get_messages(request))
    answer = render(request, template, context | {"tag": tag}, status=_status(refusal))
    if not has_news:
        answer["ETag"] = tag
    return answer


def _status(refusal: DomainError | None) -> int:
    return refusal.status if refusal else HTTPStatus.OK


def _nothing_yet(request: HttpRequest) -> HttpResponse | None:
    """Tell who is at home here, but supervises nothing yet, what is missing."""
    user = actor(request)
    if may_supervise_at_all(user) or user.role.home != Role.Home.FLOOR:
        return None
    return render(request, "floor/supervision/nothing.html", {"role": user.role})


def _supervisor(request: HttpRequest) -> User:
    """Return who asks. Raises: PermissionDenied for who supervises no process."""
    user = actor(request)
    if not may_supervise_at_all(user):
        raise PermissionDenied
    return user


def _chosen(request: HttpRequest) -> int | None:
    """Return the process that the page is narrowed to."""
    return key_of(request.POST.get("process") or request.GET.get("process"))


def _back(request: HttpRequest) -> str:
    """Return the name of the page to go back to."""
    name = request.POST.get("back") or request.GET.get("back") or request.resolver_match.url_name  # type: ignore[union-attr]  # resolved, or no view ran
    return name if name in PAGES else PAGES[0]


def _done(request: HttpRequest, words: str) -> Done:
    chosen = _chosen(request)
    query = "" if chosen is None else f"?process={chosen}"
    return done(words, page=f"{reverse(_back(request))}{query}")


@contextmanager
def _as_seen(request: HttpRequest, step_id: int) -> Iterator[None]:
    """Change a step while it is what the sender saw. Raises: Stale, and what the change does."""
    with transaction.atomic():
        seen = request.POST.get("seen", "")
        services.require_glimpse(step_id, seen, actor=actor(request))
        yield


def _number(request: HttpRequest, field: str) -> int:
    """Return a number that was sent. Raises: Invalid."""
    number = key_of(request.POST.get(field))
    if number is None:
        raise Invalid(_("Choose one of those on the page."), field=field)
    return number


def _user(request: HttpRequest) -> User | None:
    """Return who was chosen; None for nobody. Raises: Invalid."""
    if not request.POST.get("user"):
        return None
    users = User.objects.visible_to(actor(request)).active().with_labels()
    user: User | None = users.filter(pk=_number(request, "user")).first()
    if user is None:
        raise Invalid(_("There is no such user."), field="user")
    return user


def _named(step: JobStep) -> str:
    return f"{step.job} · {step.process}"


assign, move = action(_assign, _step), action(_move, _step)
prioritise, skip = action(_prioritise, _step), action(_skip, _step)
place = action(_place, _person)
answer, bring_up = action(_answer, _floor), action(_bring_up, _floor)
