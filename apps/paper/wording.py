"""What labels say of each kind of thing."""

from collections.abc import Iterator

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from apps.accounts.models import User
from apps.jobs.models import Job, JobStep
from apps.machines.models import Machine
from apps.paper.drawing.codes import (
    action_code,
    badge_code,
    job_code,
    machine_code,
    step_code,
)
from apps.paper.drawing.labels import Label

# What operators scan instead of a button, in the order of a day.
ACTIONS = {
    "start": gettext_lazy("Start"),
    "report": gettext_lazy("Report"),
    "pause": gettext_lazy("Pause"),
    "resume": gettext_lazy("Resume"),
    "complete": gettext_lazy("Finish"),
    "setup": gettext_lazy("Set up"),
    "run": gettext_lazy("Start the run"),
    "help": gettext_lazy("Call for help"),
    "down": gettext_lazy("Machine down"),
    "end": gettext_lazy("End of shift"),
}


def job_label(job: Job) -> Label:
    """Return a job's label."""
    unit = job.part.unit if job.part else ""
    due = ""
    if job.due_date:
        day = date_format(job.due_date, pgettext("a day's format", "j M Y"))
        due = _("due %(day)s") % {"day": day}
    made = f"{job.quantity:,} {unit}".strip()
    lines = (str(job.part or job.title), str(job.customer), f"{made} · {due}".strip(" ·"))
    return Label(job_code(job.number), job.number, lines)


def step_label(step: JobStep) -> Label:
    """Return a step's label."""
    name = f"{step.sequence} · {step.process}"
    machine = str(step.machine or "")
    return Label(step_code(step.pk), name, (step.job.number, str(step.job.part or ""), machine))


def machine_label(machine: Machine) -> Label:
    """Return a machine's label."""
    return Label(machine_code(machine.code), machine.code, (machine.name, machine.location))


def badge_label(user: User) -> Label:
    """Return a user's badge. The user has a badge code."""
    return Label(badge_code(user.badge_code or ""), str(user), (str(user.role),))


def action_labels() -> Iterator[Label]:
    """Return a label for each action."""
    for name, word in ACTIONS.items():
        yield Label(action_code(name), str(word))
