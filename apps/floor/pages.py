"""Operators' pages: what to do, and doing it. Everything works without JavaScript."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.actors import actor
from apps.accounts.terminals import keep_badge
from apps.core.errors import DomainError
from apps.core.keys import key_of
from apps.floor import actions, still
from apps.floor.cards import Card, Reader, card_of_step, cards_running
from apps.floor.drawing import Drawing
from apps.floor.errors import UnknownCode
from apps.floor.forms import (
    DownForm,
    HelpForm,
    QuantitiesForm,
    RefusableForm,
    StandForm,
    StartForm,
)
from apps.floor.once import Done, action, done, refused, signed_in, wants_json
from apps.floor.scan import look_up
from apps.floor.selectors import RUNNING_AT_MOST, Drawn, Task, my_work
from apps.floor.sheets import Sheet, sheet_of
from apps.floor.standing import key_at, machines_for, read_stand, remember, stand_at
from apps.floor.ways_on import way_on

Refusal = DomainError | None

DRAWINGS = {"finish": "done", "report": "info", "pause": "attention"}
MACHINES_AT_MOST = 48  # More are found by their name, or by scanning them.
TERM_AT_MOST = 100  # Characters.
OTHERWISE = ("pallets", "per_pallet", "loose", "counter_start", "counter_end")


@signed_in
def tasks(request: HttpRequest) -> HttpResponse:
    """Show what the operator works on, may start next, and waits with. Queries: 3."""
    stand = stand_at(request)
    work = my_work(Reader(actor(request), stand.pk if stand else None), still.said(request))
    drawing = Drawing(request)
    context = {
        "work": work,
        "stand": stand,
        "upcoming": drawing.upcoming(work.upcoming),
        "waiting": drawing.waiting(work.waiting),
    }
    return render(request, "floor/tasks.html", context)


@signed_in
def task(request: HttpRequest, step_id: int) -> HttpResponse:
    """Show one step: what to make, how far it is, and what may be done. Queries: 3."""
    return _show_task(request, step_id)


def _show_task(request: HttpRequest, step_id: int, refusal: Refusal = None) -> HttpResponse:
    shown, sheet = _task(request, step_id)
    form = StartForm(_typed(request))
    return _render_task(request, "floor/task.html", shown, sheet, start_form=form, refusal=refusal)


def _show_after_refusal(request: HttpRequest, step_id: int, refusal: Refusal) -> HttpResponse:
    """Show the step of an action that has no page of its own."""
    return _show_task(request, step_id, refusal) if refusal else redirect("task", step_id)


def _shows_quantities(deed: str) -> Any:
    doing = actions.DEEDS[deed]

    def show(request: HttpRequest, step_id: int, refusal: Refusal) -> HttpResponse:
        shown, sheet = _task(request, step_id)
        if not shown.card.is_mine and not refusal:
            return redirect("task", step_id)
        form = _quantities_form(request, doing, shown.card)
        form.offer("scrap_reason", sheet.scrap_reasons, empty=_("No scrap"))
        return _render_task(
            request,
            "floor/deed.html",
            shown,
            sheet,
            form=form,
            refusal=refusal,
            deed=deed,
            doing=doing,
            drawing=DRAWINGS[deed],
            is_otherwise=any(form[name].value() for name in OTHERWISE),
        )

    return show


def _quantities_form(request: HttpRequest, doing: actions.Deed, card: Card) -> QuantitiesForm:
    """Return the form as it was typed, or with what remains where that is suggested."""
    told = {"version": card.version, "rest": card.rest}
    if request.method == "POST":
        typed = request.POST.copy()
        for name, value in told.items():  # What is so now, not what the page was opened with.
            typed[name] = str(value)
        return doing.form(typed)
    good = card.rest if doing.suggests_rest else ""
    return doing.form(initial={"quantity_good": good, **told})


def _show_help(request: HttpRequest, step_id: int, refusal: Refusal) -> HttpResponse:
    shown, sheet = _task(request, step_id)
    form = HelpForm(_typed(request))
    return _render_task(
        request, "floor/help.html", shown, sheet, form=form, refusal=refusal, deed="help"
    )


def _show_down(request: HttpRequest, machine_id: int, refusal: Refusal) -> HttpResponse:
    stand = read_stand(machine_id) if machine_id < 10**18 else None
    if stand is None:
        raise Http404
    form = DownForm(_typed(request))
    return _render(request, "floor/down.html", {"machine": stand}, form, refusal)


def _show_up(request: HttpRequest, machine_id: int, refusal: Refusal) -> HttpResponse:  # noqa: ARG001 - as all pages
    if refusal:
        messages.error(request, refusal.message)
    return redirect("tasks")


def _show_end(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    reader = Reader(actor(request))
    running = Drawn(reader).all(cards_running(reader, RUNNING_AT_MOST))
    return _render(request, "floor/end.html", {"running": running}, None, refusal)


def _say_still(request: HttpRequest, step_id: int) -> Done:
    card = card_of_step(Reader(actor(request)), step_id)
    if card and card.log_id:
        still.say(request, card.log_id)
    return done(_("Noted: you still work on it."))


def _show_machines(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Show the machines that may be chosen, few enough to look through. Queries: 3 at most."""
    able = machines_for(actor(request))
    asked, term = request.GET.get("machine", ""), request.GET.get("q", "").strip()[:TERM_AT_MOST]
    found = list((able.search(term) if term else able)[: MACHINES_AT_MOST + 1])
    context = {
        "stand": stand_at(request),
        "machines": found[:MACHINES_AT_MOST],
        "has_more": len(found) > MACHINES_AT_MOST,
        "term": term,
        "first": able.filter(pk__in=[key_of(asked)]).first(),
    }
    return _render(request, "floor/machines.html", context, None, refusal)


def _stand_at(request: HttpRequest) -> Done:
    chosen = StandForm(request.POST).require_readable()["machine"]
    if chosen is None:
        return done(_("Work of all machines is shown."))
    return done(_("You stand at %(machine)s.") % {"machine": chosen})


_machine = action(_stand_at, _show_machines)


def machine(request: HttpRequest) -> HttpResponse:
    """Choose the machine one stands at; the device remembers it."""
    response = _machine(request)
    is_taken = response.status_code < 400 and request.user.is_authenticated  # noqa: PLR2004 - no refusal
    if request.method == "POST" and is_taken:
        chosen = StandForm(request.POST).require_readable()["machine"]
        remember(response, chosen.pk if chosen else None)
    return response


@partial(signed_in, methods=["GET", "HEAD", "POST"])
def scan(request: HttpRequest) -> HttpResponse:
    """Tell what a code stands for and what may be done with it, or open its page.

    Posted, though it changes nothing: addresses stand in logs, and a badge is a secret.
    """
    if request.method != "POST":
        return redirect("tasks")
    code = request.POST.get("code", "").strip()
    found = look_up(_reader(request), code)
    if found is not None:
        if found.badge:
            keep_badge(request, found.badge)
        return JsonResponse(found.told()) if wants_json(request) else redirect(found.page)
    unknown = UnknownCode(_("“%(code)s” stands for nothing here.") % {"code": code[:40]})
    if wants_json(request):
        return refused(request, unknown, reverse("tasks"))
    messages.warning(request, unknown.message)
    return redirect("tasks")


start = action(actions.start, _show_after_refusal)
change_kind = action(actions.change_kind, _show_after_refusal)
undo = action(actions.undo, _show_after_refusal)
still_working = action(_say_still, _show_after_refusal)
quantities = {
    deed: action(actions.quantities(deed), _shows_quantities(deed)) for deed in actions.DEEDS
}
call_help = action(actions.call_help, _show_help)
take_down = action(actions.take_down, _show_down)
bring_up = action(actions.bring_up, _show_up)
end_shift = action(actions.end_shift, _show_end)


def _task(request: HttpRequest, step_id: int) -> tuple[Task, Sheet]:
    """Return the step as its page shows it; 404 for what the user may not see. Queries: 2."""
    reader = _reader(request)
    card = card_of_step(reader, step_id)
    if card is None:
        raise Http404
    drawn = Drawn(reader, still.said(request))
    return drawn.one(card), sheet_of(reader.user, card)


def _typed(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _reader(request: HttpRequest) -> Reader:
    return Reader(actor(request), key_at(request))


def _render_task(
    request: HttpRequest, template: str, shown: Task, sheet: Sheet, **more: Any
) -> HttpResponse:
    """Draw a page about a step, with the form to start it."""
    form, refusal = more.pop("form", None), more.get("refusal")
    start_form: StartForm = more.pop("start_form", None) or StartForm()
    start_form.offer("machine", sheet.machine_choices(), empty=_("Choose …"))
    start_form.initial["machine"] = shown.card.machine_id or key_at(request)
    if refusal and form is None:
        form = start_form
    context = {
        "task": shown,
        "card": shown.card,
        "sheet": sheet,
        "start_form": start_form,
        "may_call": actor(request).has_perm("jobs.add_helpcall"),
        **more,
    }
    return _render(request, template, context, form, refusal)


def _render(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    form: RefusableForm | None,
    refusal: Refusal,
) -> HttpResponse:
    """Draw a page; with a refusal, what was typed, where it is wrong, and the way on."""
    if refusal and form is not None and form.is_bound:
        form.refuse(refusal)
    context |= {"form": form, "refusal": refusal, "way_on": way_on(refusal, request)}
    return render(request, template, context, status=refusal.status if refusal else 200)
