"""Paper, from the browser: travellers, labels, and how far a printout is."""

import io
from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.actors import actor
from apps.accounts.models import User
from apps.core.errors import DomainError
from apps.core.keys import key_of
from apps.core.records import permission
from apps.jobs.models import Job, JobStep
from apps.machines.models import Machine
from apps.paper import selectors, services, wording
from apps.paper.drawing.documents import TravellerFile
from apps.paper.drawing.labels import Label, draw_labels
from apps.paper.forms import JobLabelForm, LabelForm
from apps.paper.models import Printout, TravellerCopy
from apps.shop.selectors import current_shop

PDF = "application/pdf"
LISTED = 10  # Of one's own printouts, and of a job's copies: the newest.
SEE_OTHER = 303  # What a form was sent to is not what it made.
LABELS_AT_MOST = 480  # In one file: twenty sheets. A label takes some milliseconds.


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Offer what hangs on walls and machines, and show one's latest printouts. Queries: 2."""
    mine = Printout.objects.visible_to(actor(request)).order_by("-pk")[:LISTED]
    return render(request, "paper/home.html", {"printouts": mine, "form": LabelForm()})


@login_required
@require_safe
def job_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer a job's traveller and labels, and tell of its copies. Queries: 3."""
    job = _job(request, pk)
    copies = TravellerCopy.objects.filter(job=job).select_related("printout__ordered_by")
    context = {
        "job": job,
        "copies": copies.order_by("-number")[:LISTED],
        "form": JobLabelForm(),
        "may_print": request.user.has_perm(permission("add", Printout)),
    }
    return render(request, "paper/job.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def traveller(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show a job's traveller, marked as no copy; sent a form, print one, which is counted."""
    if request.method == "POST":
        job = _job(request, pk)
        return _print(request, [job.pk], back=reverse("job-paper", args=[pk]))
    shown = selectors.looked_at(pk, by=actor(request), now=timezone.now())
    if shown is None:
        raise Http404
    made = io.BytesIO()
    file = TravellerFile(made, current_shop(), title=shown.job.number)
    file.add(shown)
    file.close()
    return _pdf(made, f"{shown.job}-traveller")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def print_travellers(request: HttpRequest) -> HttpResponseBase:
    """Print the travellers of several jobs in one file."""
    if request.method != "POST":
        return redirect("paper")
    keys = map(key_of, request.POST.getlist("job"))
    chosen = [key for key in keys if key is not None]
    return _print(request, chosen, back=reverse("paper"))


@login_required
@require_safe
def printout(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far one's printout is, and what came of it. Queries: 2."""
    found = get_object_or_404(Printout.objects.visible_to(actor(request)), pk=pk)
    return render(request, "paper/printout.html", {"printout": found})


@login_required
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a failed printout again."""
    try:
        services.retry_printout(pk, actor=actor(request))
    except Printout.DoesNotExist as error:
        raise Http404 from error
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect("printout", pk)


@login_required
@require_safe
def printout_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand one's printout out, to look at and to print; back to its page when it is gone."""
    found = get_object_or_404(Printout.objects.visible_to(actor(request)), pk=pk)
    try:
        content = found.file.open("rb") if found.file else None
    except FileNotFoundError:
        content = None
    if content is None:
        return redirect("printout", pk)
    return FileResponse(content, filename=f"travellers-{pk}.pdf", content_type=PDF)


# Labels.


@login_required
@require_safe
def job_labels(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw a job's label, or one for each of its steps."""
    form, job = JobLabelForm(request.GET), _job(request, pk)
    if form.is_valid() and form.cleaned_data["of"] == form.STEPS:
        steps = JobStep.objects.visible_to(actor(request)).filter(job=job).with_labels()
        labels = [wording.step_label(step) for step in steps.order_by("sequence", "pk")]
    else:
        labels = [wording.job_label(job)]
    return _labels(form, labels, job.number)


@login_required
@require_safe
def step_label(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw a step's label."""
    steps = JobStep.objects.visible_to(actor(request)).with_labels()
    step = get_object_or_404(steps, pk=pk)
    return _labels(LabelForm(request.GET), [wording.step_label(step)], f"{step.job}-{step.pk}")


@login_required
@require_safe
def machine_label(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw a machine's label."""
    machine = get_object_or_404(Machine, pk=pk)
    return _labels(LabelForm(request.GET), [wording.machine_label(machine)], machine.code)


@login_required
@require_safe
def machine_labels(request: HttpRequest) -> HttpResponse:
    """Draw the labels of all machines in use."""
    machines = Machine.objects.active().order_by("code")[:LABELS_AT_MOST]
    labels = [wording.machine_label(machine) for machine in machines]
    return _labels(LabelForm(request.GET), labels, "machines")


@login_required
@require_safe
def badge(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw a user's badge: for those who may give badges, since one opens a shared tablet."""
    users = User.objects.visible_to(actor(request)).with_labels().exclude(badge_code=None)
    user = get_object_or_404(users, pk=pk)
    if not request.user.has_perm(permission("change", User)):
        raise PermissionDenied
    return _labels(LabelForm(request.GET), [wording.badge_label(user)], f"badge-{user.pk}")


@login_required
@require_safe
def action_sheet(request: HttpRequest) -> HttpResponse:
    """Draw a sheet of actions, to be scanned instead of buttons."""
    form = LabelForm({"stock": "cards", **request.GET.dict()})
    return _labels(form, list(wording.action_labels()), "actions")


def _job(request: HttpRequest, pk: int) -> Job:
    """Return the job with its labels; 404 for what the user may not see."""
    return get_object_or_404(Job.objects.visible_to(actor(request)).with_labels(), pk=pk)


def _print(request: HttpRequest, job_ids: Sequence[int], *, back: str) -> HttpResponseBase:
    """Order a printout; a short one is made at once and shown, a long one is waited for."""
    try:
        ordered = services.order_printout(job_ids, actor=actor(request))
    except DomainError as refusal:
        messages.error(request, refusal.message)
        return HttpResponseRedirect(back, status=SEE_OTHER)
    if not ordered.is_long:
        services.make_printout(ordered.pk)
        ordered.refresh_from_db(fields=["file"])
    page = reverse("printout-file" if ordered.file else "printout", args=[ordered.pk])
    return HttpResponseRedirect(page, status=SEE_OTHER)


def _labels(form: LabelForm, labels: Sequence[Label], name: str) -> HttpResponse:
    """Answer with labels as the form asks; one that asks wrongly is told so."""
    if not form.is_valid():
        said = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return _refused(said)
    made = io.BytesIO()
    if len(labels) * form.count() > LABELS_AT_MOST:
        said = _("Choose fewer copies: one file has at most %(count)s labels.")
        return _refused(said % {"count": f"{LABELS_AT_MOST:,}"})
    each = [label for label in labels for _copy in range(form.count())]
    draw_labels(made, each, form.chosen(), title=_("Labels"), skip=form.used())
    return _pdf(made, f"labels-{name}")


def _refused(said: str) -> HttpResponse:
    return HttpResponse(said, status=400, content_type="text/plain; charset=utf-8")


def _pdf(made: io.BytesIO, name: str) -> HttpResponse:
    response = HttpResponse(made.getvalue(), content_type=PDF)
    shown = content_disposition_header(as_attachment=False, filename=f"{name}.pdf")
    response.headers["Content-Disposition"] = str(shown)
    return response
