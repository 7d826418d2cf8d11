"""What operators do, as their pages send it: each is read from the form and given to a service."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.accounts.actors import actor
from apps.floor.errors import NotThere
from apps.floor.forms import (
    DownForm,
    FinishForm,
    HelpForm,
    KindForm,
    QuantitiesForm,
    ReportForm,
    StartForm,
)
from apps.floor.once import AT, Done, done, undoing
from apps.jobs import services
from apps.jobs.models import JobStep
from apps.jobs.states import LogKind
from apps.machines.models import Machine
from apps.machines.selectors import open_downtime
from apps.machines.services import end_downtime, start_downtime


@dataclass(frozen=True, slots=True)
class Deed:
    """Something one does with quantities: its service, its form and its words."""

    service: Callable[..., JobStep]
    form: type[QuantitiesForm]
    title: Promise
    done: Promise
    suggests_rest: bool = False


DEEDS: Mapping[str, Deed] = MappingProxyType(
    {
        "finish": Deed(
            services.complete_step,
            FinishForm,
            gettext_lazy("Finish"),
            gettext_lazy("Finished"),
            suggests_rest=True,
        ),
        "report": Deed(
            services.report_step, ReportForm, gettext_lazy("Report"), gettext_lazy("Reported")
        ),
        "pause": Deed(
            services.pause_step, QuantitiesForm, gettext_lazy("Pause"), gettext_lazy("Paused")
        ),
    }
)


def start(request: HttpRequest, step_id: int) -> Done:
    """Start, resume, join or take over a step."""
    said = StartForm(request.POST).said()
    step = services.start_step(step_id, actor=actor(request), **said)
    word = _("Setting up") if said["kind"] == LogKind.SETUP else _("Started")
    return done(f"{word}: {_named(step)}", undo=undoing(step))


def change_kind(request: HttpRequest, step_id: int) -> Done:
    """Go on as setup, or as run."""
    kind = LogKind(KindForm(request.POST).require_readable()["kind"])
    step = services.change_work(step_id, kind, actor=actor(request))
    word = _("Setting up") if kind == LogKind.SETUP else _("Running")
    return done(f"{word}: {_named(step)}")


def quantities(deed: str) -> Callable[..., Done]:
    """Return what reports, pauses or finishes with what was made."""
    doing = DEEDS[deed]

    def do(request: HttpRequest, step_id: int) -> Done:
        form = doing.form(request.POST)
        report = form.report()
        version = form.cleaned_data["version"]
        step = doing.service(step_id, report, actor=actor(request), version=version)
        words = " · ".join(part for part in (_made(report), _named(step)) if part)
        return done(f"{doing.done}: {words}", undo=undoing(step))

    return do


def undo(request: HttpRequest, step_id: int) -> Done:
    """Take back what was just done: what the address says is meant, and nothing done since."""
    step = services.undo_step(step_id, actor=actor(request), at=request.GET.get(AT, ""))
    return done(_("Undone: %(step)s") % {"step": _named(step)})


def call_help(request: HttpRequest, step_id: int) -> Done:
    """Call someone to the step."""
    note = HelpForm(request.POST).require_readable()["note"]
    seen = JobStep.objects.visible_to(actor(request)).with_labels()
    step = seen.filter(pk=step_id).first()
    if step is None:
        raise NotThere(_("It is not there."))
    services.raise_help(actor=actor(request), step_id=step_id, note=note)
    return done(_("Help is called: %(step)s") % {"step": _named(step)})


def take_down(request: HttpRequest, machine_id: int) -> Done:
    """Say that the machine is down, and why."""
    machine = Machine.objects.get(pk=machine_id)
    said = DownForm(request.POST).require_readable()
    downtime = start_downtime(
        machine.pk, reason=said["reason"], actor=actor(request), note=said["note"]
    )
    return done(
        _("Down: %(machine)s · %(reason)s")
        % {"machine": downtime.machine, "reason": downtime.reason}
    )


def bring_up(request: HttpRequest, machine_id: int) -> Done:
    """Say that the machine works again; who comes second is told the same."""
    downtime = open_downtime(machine_id)
    machine = downtime.machine if downtime else Machine.objects.get(pk=machine_id)
    if downtime:
        end_downtime(downtime.pk, actor=actor(request))
    return done(_("Up again: %(machine)s") % {"machine": machine})


def end_shift(request: HttpRequest) -> Done:
    """Pause all that the user works on."""
    steps = services.pause_all(actor=actor(request))
    words = ngettext("%(count)s step is paused.", "%(count)s steps are paused.", len(steps))
    return done(words % {"count": len(steps)} if steps else _("Nothing was running."))


def _named(step: JobStep) -> str:
    return f"{step.job} · {step.process}"


def _made(report: services.Report) -> str:
    """Return what was reported in words: ``12 good, 1 scrap``."""
    words = (
        (report.good, _("%(pieces)s good")),
        (report.scrap, _("%(pieces)s scrap")),
        (report.rework, _("%(pieces)s rework")),
    )
    return ", ".join(word % {"pieces": f"{pieces:,}"} for pieces, word in words if pieces)
