"""Operators' pages: what to do, and doing it. Everything works without JavaScript."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.actors import actor
from apps.core.errors import DomainError
from apps.floor import selectors
from apps.floor.forms import HelpForm, QuantitiesForm, RefusableForm, ReportForm, StartForm
from apps.jobs import services
from apps.jobs.models import JobStep
from apps.jobs.policies import may_work
from apps.jobs.states import JobStatus, StepStatus

T = TypeVar("T")

BAD = 400
JUST = "just"  # The query parameter that names the step just started or finished.


@dataclass(frozen=True, slots=True)
class Deed:
    """Something one does with quantities: its service, its form and its words."""

    service: Callable[..., JobStep]
    form: type[QuantitiesForm]
    title: str
    anyway: str
    done: str
    suggests_rest: bool = False


DEEDS: Mapping[str, Deed] = MappingProxyType(
    {
        "finish": Deed(
            services.complete_step,
            QuantitiesForm,
            "Finish",
            "Finish anyway",
            "",
            suggests_rest=True,
        ),
        "report": Deed(services.report_step, ReportForm, "Report", "Report anyway", "Reported"),
        "pause": Deed(services.pause_step, QuantitiesForm, "Pause", "Pause anyway", "Paused"),
    }
)
# The way on from a refusal to start: the field that says it, and the word on the button.
WAYS_ON: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"already_started": ("join", "Join"), "assigned_elsewhere": ("take_over", "Take over")}
)
read_or_send = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    """Show what the operator works on, has paused, and may start next."""
    user = actor(request)
    just = request.GET.get(JUST, "")
    undo = selectors.undoable(user, int(just)) if _is_key(just) else None
    return render(request, "floor/tasks.html", {"work": selectors.my_work(user), "undo": undo})


@login_required
@require_safe
def task(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one step: what to make, how far it is, and what may be done."""
    return _page(request, pk)


@login_required
@read_or_send
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Start, resume or join the step."""
    if request.method != "POST":
        return redirect("task", pk)
    form = StartForm(request.POST)
    if not form.is_valid():
        return _page(request, pk, start_form=form, status=BAD)
    done = _try(services.start_step, pk, actor=actor(request), **form.choices())
    if isinstance(done, DomainError):
        return _refused(request, pk, done, form=form, start_form=form)
    return _back(pk)


@login_required
@read_or_send
def quantities(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Report, pause or finish, with what was made."""
    doing = DEEDS[deed]
    if request.method != "POST":
        step = _step(request, pk)
        rest = step.quantity_remaining if doing.suggests_rest else ""
        form = doing.form(initial={"quantity_good": rest, "version": step.version})
        return _page(request, pk, deed=deed, form=form)
    form = doing.form(request.POST)
    if not form.is_valid():
        return _page(request, pk, deed=deed, form=form, status=BAD)
    report, version = form.report(), form.cleaned_data["version"]
    done = _try(doing.service, pk, report, actor=actor(request), version=version)
    if isinstance(done, DomainError):
        return _refused(request, pk, done, form=form, deed=deed)
    if not doing.done:
        return _back(pk)
    messages.success(request, f"{doing.done}: {_said(report)} · {done.job} · {done.process}")
    return redirect("tasks")


@login_required
@read_or_send
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the start or completion just made."""
    if request.method != "POST":
        return redirect("task", pk)
    done = _try(services.undo_step, pk, actor=actor(request))
    if isinstance(done, DomainError):
        return _refused(request, pk, done)
    messages.success(request, f"Undone: {done.job} · {done.process}")
    return redirect("tasks")


@login_required
@read_or_send
def call_help(request: HttpRequest, pk: int) -> HttpResponse:
    """Call someone to the step."""
    step = _step(request, pk)
    form = HelpForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, pk, deed="help", form=form, status=BAD if form.is_bound else 200)
    note = form.cleaned_data["note"]
    done = _try(services.raise_help, actor=actor(request), step_id=pk, note=note)
    if isinstance(done, DomainError):
        return _refused(request, pk, done, form=form, deed="help")
    messages.success(request, f"Help is called to {step.job} · {step.process}.")
    return redirect("tasks")


def _step(request: HttpRequest, pk: int) -> JobStep:
    """Return the step with its labels; 404 for what the user may not see."""
    return get_object_or_404(JobStep.objects.visible_to(actor(request)).with_labels(), pk=pk)


def _try(service: Callable[..., T], *args: Any, **kwargs: Any) -> T | DomainError:
    """Call a service; return what it did or its refusal.

    The step is not looked up before: who may work on it may see it, and the page that tells a
    refusal is not found by who may not.
    """
    try:
        return service(*args, **kwargs)
    except DomainError as refusal:
        return refusal
    except JobStep.DoesNotExist as error:  # Deleted since it was looked up.
        raise Http404 from error


def _back(pk: int) -> HttpResponse:
    """Return to the tasks, with an offer to undo."""
    return redirect(f"{reverse('tasks')}?{urlencode({JUST: pk})}")


def _refused(
    request: HttpRequest,
    pk: int,
    refusal: DomainError,
    *,
    form: RefusableForm | None = None,
    **shown: Any,
) -> HttpResponse:
    """Tell the refusal where it belongs, with what was typed and the way on."""
    if form:
        form.refuse(refusal)
    shown.setdefault("form", form if "deed" in shown else None)
    return _page(request, pk, refusal=refusal, status=refusal.status, **shown)


def _page(  # noqa: PLR0913 - the parts of one page
    request: HttpRequest,
    pk: int,
    *,
    deed: str = "",
    form: Form | None = None,
    start_form: StartForm | None = None,
    refusal: DomainError | None = None,
    status: int = 200,
) -> HttpResponse:
    user, step = actor(request), _step(request, pk)
    shown = selectors.my_task(user, step)
    context = {
        "task": shown,
        "step": step,
        "deed": deed,
        "form": form,
        "doing": DEEDS.get(deed),
        "start_form": (start_form or StartForm()).offer(step),
        "can_start": _can_start(step) and not shown.is_mine and may_work(user, step),
        "may_work": may_work(user, step),
        "may_call": user.has_perm("jobs.add_helpcall"),
        "refusal": refusal,
        "way_on": _way_on(refusal, is_mine=shown.is_mine),
        "steps": selectors.seen_steps(user, step),
    }
    return render(request, "floor/task.html", context, status=status)


def _can_start(step: JobStep) -> bool:
    startable = (StepStatus.READY, StepStatus.PAUSED, StepStatus.IN_PROGRESS)
    return step.job.status == JobStatus.ACTIVE and step.status in startable


def _way_on(refusal: DomainError | None, *, is_mine: bool) -> tuple[str, str] | None:
    """Return the field and the word of the button that goes past the refusal to start."""
    return WAYS_ON.get(refusal.code) if refusal and not is_mine else None


def _said(report: services.Report) -> str:
    """Return what was reported in words: ``12 good, 1 scrap``."""
    made = {"good": report.good, "scrap": report.scrap, "rework": report.rework}
    return (
        ", ".join(f"{pieces:,} {name}" for name, pieces in made.items() if pieces) or "nothing made"
    )


def _is_key(text: str) -> bool:
    """Whether the text can be the key of a row."""
    return text.isascii() and text.isdigit() and len(text) < 19  # noqa: PLR2004 - digits of a bigint
