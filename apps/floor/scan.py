"""What a scanned or typed code stands for, and the one action that it offers."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.keys import key_of
from apps.floor.cards import Card, Reader, card_of_step, cards_of_job, cards_running
from apps.floor.drawing import BY
from apps.floor.offers import Next, Offer, finish, next_action
from apps.floor.selectors import RUNNING_AT_MOST, my_work
from apps.jobs.querysets import number_pattern
from apps.jobs.states import LogKind, StepStatus
from apps.machines.models import Machine

LONGEST = 100  # Characters. No code of ours is half as long.
# Between a code's two parts stands a hyphen; under another keyboard layout than the scanner's it
# comes as another sign, such as ß or '.
_CODE = re.compile(r"(JOB|S|M|U|A)\s*[^a-z0-9]\s*(.+)", re.IGNORECASE | re.ASCII)
# What pages call an action, where services, the API and the printed sheet have another name.
_ALSO = MappingProxyType({"finish": "complete"})
# Of a job's steps, the first that is in the earliest of these.
_SOONEST = (StepStatus.PAUSED, StepStatus.READY, StepStatus.IN_PROGRESS, StepStatus.PENDING)


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a code stands for: in words, with its one action or why there is none, and its page."""

    kind: str
    says: str
    page: str
    action: Offer | None = None
    why: str = ""
    by: str = ""
    badge: str = ""

    def told(self) -> dict[str, Any]:
        """Return it as the script is told; the action names who does it, the badge nobody."""
        told = asdict(self)
        by, _badge = told.pop("by"), told.pop("badge")
        if told["action"]:
            told["action"]["fields"] = {**told["action"]["fields"], BY: by}
        return told


def look_up(reader: Reader, code: str) -> Scanned | None:
    """Return what the code stands for; None for nothing that the user may see. Queries: 1."""
    if not code or len(code) > LONGEST:
        return None
    found = _CODE.fullmatch(code)
    prefix, rest = (found[1].upper(), found[2].strip()) if found else ("JOB", code)
    scanned = _KINDS[prefix](reader, rest)
    return replace(scanned, by=str(reader.user.pk)) if scanned else None


def _job(reader: Reader, rest: str) -> Scanned | None:
    """Find a job: its next step that one may work on, else the one that says why not."""
    number = number_pattern(rest)
    cards = cards_of_job(reader, number) if number else []
    if not cards:
        return None
    ranked = sorted(cards, key=lambda card: _rank(reader, card))
    return _of_card("job", reader, ranked[0])


def _rank(reader: Reader, card: Card) -> tuple[bool, bool, int]:
    offers = next_action(reader, card).offer is not None
    place = _SOONEST.index(StepStatus(card.status)) if card.status in _SOONEST else len(_SOONEST)
    return (not card.is_mine, not offers, place)


def _step(reader: Reader, rest: str) -> Scanned | None:
    key = key_of(rest)
    card = card_of_step(reader, key) if key is not None else None
    return _of_card("step", reader, card) if card else None


def _machine(_reader: Reader, rest: str) -> Scanned | None:
    """Find a machine by its code, however it is cased; a shop has hundreds at most."""
    machines = sorted(
        Machine.objects.active().filter(code__iexact=rest), key=lambda m: m.code != rest
    )
    if not machines:
        return None
    machine, page = machines[0], reverse("task-machine")
    offer = Offer(page, _("Work here"), {"machine": str(machine.pk)})
    return Scanned("machine", str(machine), f"{page}?{urlencode({'machine': machine.pk})}", offer)


def _user(_reader: Reader, rest: str) -> Scanned:
    """Lead to the terminal's sign-in: whose badge it is, is told to nobody here."""
    says, why = _("A badge"), _("Switch to this person.")
    return Scanned("user", says, reverse("terminal"), why=why, badge=rest)


def _action(reader: Reader, rest: str) -> Scanned | None:
    act = _ACTIONS.get(action_named(rest))
    return act(reader) if act else None


def action_named(said: str) -> str:
    """Return the one name of an action, however it is called and cased in its code."""
    name = said.lower()
    return _ALSO.get(name, name)


def _with_mine(act: Callable[[Reader, Card], Next]) -> Callable[[Reader], Scanned]:
    """Return an action on the one step that the user works on."""

    def on_mine(reader: Reader) -> Scanned:
        cards = cards_running(reader, RUNNING_AT_MOST)
        if len(cards) != 1:
            why = _("You work on several steps: scan the one that you mean.")
            why = why if cards else _("You work on nothing just now.")
            return Scanned("action", _("No step"), reverse("tasks"), None, why)
        card = cards[0]
        told = act(reader, card)
        return Scanned("action", _said(card), told.page, told.offer, told.why)

    return on_mine


def _report(reader: Reader, card: Card) -> Next:
    return Next(f"{reader.page_of(card)}report/", why=_("Say how many were made."))


def _pause(reader: Reader, card: Card) -> Next:
    page = f"{reader.page_of(card)}pause/"
    return Next(page, Offer(page, _("Pause")))


def _help(reader: Reader, card: Card) -> Next:
    page = f"{reader.page_of(card)}help/"
    return Next(page, Offer(page, _("Call for help")))


def _goes_on_as(kind: LogKind, word: Promise) -> Callable[[Reader, Card], Next]:
    def change(reader: Reader, card: Card) -> Next:
        page = reader.page_of(card)
        return Next(page, Offer(f"{page}kind/", str(word), {"kind": kind.value}))

    return change


def _down(reader: Reader, card: Card) -> Next:
    if card.machine_id is None:
        return Next(reader.page_of(card), why=_("This step is done by hand, without a machine."))
    return Next(reverse("machine-down", args=[card.machine_id]), why=_("Say why it is down."))


def _first(reader: Reader, cards: Any, none: str) -> Scanned:
    shown = next((task.card for task in cards if task.next.offer), None)
    if shown is None:
        return Scanned("action", _("No step"), reverse("tasks"), None, none)
    return _of_card("action", reader, shown)


def _start(reader: Reader) -> Scanned:
    work = my_work(reader)
    return _first(reader, work.upcoming, _("Nothing is ready for you."))


def _resume(reader: Reader) -> Scanned:
    work = my_work(reader)
    return _first(reader, work.waiting, _("You have paused nothing."))


def _end(_reader: Reader) -> Scanned:
    page = reverse("end-of-shift")
    return Scanned("action", _("End of shift"), page, Offer(page, _("Pause all of mine")))


def _of_card(kind: str, reader: Reader, card: Card) -> Scanned:
    told = next_action(reader, card)
    return Scanned(kind, _said(card), told.page, told.offer, told.why)


def _said(card: Card) -> str:
    return f"{card.job} · {card.process} · {card.planned:,} {card.unit or _('pieces')}"


_ACTIONS: Mapping[str, Callable[[Reader], Scanned]] = MappingProxyType(
    {
        "start": _start,
        "resume": _resume,
        "complete": _with_mine(finish),
        "report": _with_mine(_report),
        "pause": _with_mine(_pause),
        "help": _with_mine(_help),
        "setup": _with_mine(_goes_on_as(LogKind.SETUP, gettext_lazy("Set up"))),
        "run": _with_mine(_goes_on_as(LogKind.RUN, gettext_lazy("Start the run"))),
        "down": _with_mine(_down),
        "end": _end,
    }
)
_KINDS: Mapping[str, Callable[[Reader, str], Scanned | None]] = MappingProxyType(
    {"JOB": _job, "S": _step, "M": _machine, "U": _user, "A": _action}
)
