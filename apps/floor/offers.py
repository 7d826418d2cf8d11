"""The one next action that a step offers to who looks at it, or why there is none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.floor.cards import Card, Reader, is_down
from apps.jobs.states import JobStatus, LogKind, StepStatus
from apps.processes.policies import may_execute


@dataclass(frozen=True, slots=True)
class Offer:
    """A button: where it posts, what it says, and the fields it sends."""

    address: str
    word: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Next:
    """The next action, or in words why there is none; and the page with all that can be done.

    ``must_choose`` says that only the machine is missing.
    """

    page: str
    offer: Offer | None = None
    why: str = ""
    must_choose: bool = False


def next_action(reader: Reader, card: Card) -> Next:
    """Return what the reader would do next with the step. Queries: 0."""
    if card.is_mine:
        return _going_on(reader, card)
    page = reader.page_of(card)
    if why := why_not(reader.user, card):
        return Next(page, why=why)
    if needs_choice(reader, card):
        return Next(page, why=_("Choose a machine first."), must_choose=True)
    word, fields = _beginning(reader, card)
    return Next(page, Offer(f"{page}start/", word, fields))


def finish(reader: Reader, card: Card) -> Next:
    """Return the end of a step that one works on, with all that remains as good."""
    page = f"{reader.page_of(card)}finish/"
    word = _("Finish with %(pieces)s good") % {"pieces": f"{card.rest:,}"}
    said = {"quantity_good": str(card.rest), "rest": str(card.rest), "version": str(card.version)}
    return Next(page, Offer(page, word, said))


def _going_on(reader: Reader, card: Card) -> Next:
    """After setting up comes the run, and after the run the end."""
    if not card.is_set_up:
        return finish(reader, card)
    page = reader.page_of(card)
    return Next(page, Offer(f"{page}kind/", _("Start the run"), {"kind": LogKind.RUN.value}))


def _beginning(reader: Reader, card: Card) -> tuple[str, dict[str, str]]:
    """Return the word on the button that begins work on the step, and what it sends."""
    if card.status == StepStatus.IN_PROGRESS:
        return _("Join"), {"join": "1"}
    fields = {"kind": LogKind.RUN.value} | machine_said(reader, card)
    if card.status == StepStatus.PAUSED:
        return _("Resume"), fields
    if card.assigned_to_id not in {None, reader.user.pk}:
        word = _("Take over from %(holder)s") % {"holder": card.assigned_to}
        return word, fields | {"take_over": "1"}
    return _("Start"), fields


def why_not(user: User, card: Card) -> str:
    """Say what keeps the user from working on a step that is not theirs; nothing for nothing."""
    if card.job_status != JobStatus.ACTIVE:
        return _why_of_job(card)
    if reason := _WHY.get(StepStatus(card.status)):
        return reason(card)
    if not may_execute(user, card.process_id):
        return _("The role %(role)s does not work on %(process)s.") % {
            "role": user.role,
            "process": card.process,
        }
    if is_down(card) and card.status != StepStatus.IN_PROGRESS:
        return _("%(machine)s is down.") % {"machine": card.machine}
    return ""


def needs_choice(reader: Reader, card: Card) -> bool:
    """Whether a machine must be chosen before the start."""
    begins = card.status != StepStatus.IN_PROGRESS
    is_open = card.needs_machine and card.machine_id is None
    return begins and is_open and not machine_said(reader, card)


def machine_said(reader: Reader, card: Card) -> dict[str, str]:
    """Return the machine to start on, where it is known: the one stood at, or the only one."""
    if not card.needs_machine or card.machine_id is not None:
        return {}
    if card.is_able_here:
        return {"machine": str(reader.stand)}
    return {"machine": str(card.able_id)} if card.able == 1 else {}


def _why_of_job(card: Card) -> str:
    if card.job_status == JobStatus.ON_HOLD:
        return _("%(job)s is on hold.") % {"job": card.job}
    said = {"job": card.job, "state": card.job_status_label.lower()}
    return _("%(job)s is %(state)s: nothing of it can be worked on.") % said


def _why_pending(card: Card) -> str:
    before, _after = card.neighbours
    if before is None:
        return _("Waits for an earlier step.")
    state = before.label.lower()
    return _("Waits for %(process)s, which is %(state)s.") % {
        "process": before.process,
        "state": state,
    }


def _why_final(card: Card) -> str:
    return _("This step is %(state)s.") % {"state": card.status_label.lower()}


_WHY: Mapping[StepStatus, Callable[[Card], str]] = {
    StepStatus.PENDING: _why_pending,
    StepStatus.COMPLETED: _why_final,
    StepStatus.SKIPPED: _why_final,
    StepStatus.CANCELLED: _why_final,
}
