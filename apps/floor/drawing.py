"""The cards of what comes next and what waits, as HTML.

As templates, with the pieces that they share, a page of them took four times the processor time
of all the rest of it. Every value is escaped where it is put in.
"""

from html import escape
from uuid import uuid4

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from apps.accounts.actors import actor
from apps.core.templatetags.look import LOOKS, NO_DATA, icon
from apps.floor.cards import Card, Neighbour
from apps.floor.offers import Offer
from apps.floor.selectors import Task
from apps.jobs.states import Priority
from apps.shop.words import Due

FIELD, BY = "key", "by"  # Of every action form: what makes it done once, and in whose name.


def sending(request: HttpRequest) -> SafeString:
    """Return the hidden fields of a form that is sent once, in the name of who was shown it."""
    return format_html(
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<input type="hidden" name="{}" value="{}"><input type="hidden" name="{}" value="{}">',
        get_token(request),
        FIELD,
        uuid4(),
        BY,
        actor(request).pk,
    )


class Drawing:
    """Draws the cards of one page; what they all have in common is drawn once."""

    def __init__(self, request: HttpRequest) -> None:
        token, by = escape(get_token(request)), actor(request).pk
        self._before_key = (
            f'<input type="hidden" name="csrfmiddlewaretoken" value="{token}">'
            f'<input type="hidden" name="{BY}" value="{by}">'
            f'<input type="hidden" name="{FIELD}" value="'
        )
        self._icons: dict[str, str] = {}

    def upcoming(self, tasks: tuple[Task, ...]) -> SafeString:
        """Return the cards of what may be started."""
        return self._all([self._upcoming(task) for task in tasks])

    def waiting(self, tasks: tuple[Task, ...]) -> SafeString:
        """Return the cards of what waits, each with why."""
        return self._all([self._waiting(task) for task in tasks])

    def _all(self, drawn: list[str]) -> SafeString:
        return mark_safe("\n".join(drawn))  # noqa: S308 - escaped where it is put in

    def _upcoming(self, task: Task) -> str:
        card = task.card
        unit = escape(card.unit) or self._words["pieces"]
        mine = f'<span class="muted">{self._words["yours"]}</span>' if card.assigned_to_id else ""
        amount = f"<span><b>{card.planned}</b> {unit}</span> "
        return (
            f'<li class="card next"><div class="next__text">{self._what(task, amount)}'
            f'{self._way(task, mine)}</div><div class="next__do">{self._start(task)}'
            f"{self._files(task)}</div>{_instructions(card)}</li>"
        )

    def _waiting(self, task: Task) -> str:
        card = task.card
        why = f"<b>{escape(task.why)}</b> " if task.why else ""
        others = ""
        if card.workers:
            others = escape(_("%(others)s goes on with it") % {"others": ", ".join(card.workers)})
        so_far = _("%(good)s of %(planned)s good") % {"good": card.good, "planned": card.planned}
        offer = task.next.offer
        act = f'<div class="next__do">{self._form(card, offer)}</div>' if offer else ""
        return (
            f'<li class="card next task--paused"><div class="next__text">'
            f"{self._what(task, f'<span>{escape(so_far)}</span> ')}"
            f'<p class="what">{self._chip(card.status, card.status_label)} {why}'
            f"<span>{others}</span></p>{self._way(task)}</div>{act}</li>"
        )

    def _what(self, task: Task, amount: str) -> str:
        card = task.card
        part = f"{escape(card.part)} · " if card.part else ""
        machine = f"<span>{escape(card.machine)}</span>" if card.machine else ""
        called = self._chip("help", self._words["called"]) if card.is_help_called else ""
        return (
            f'<h3 class="task__name"><a href="{task.at}">{escape(card.job)} ·'
            f" {escape(card.process)}</a></h3>"
            f'<p class="what"><b>{part}{escape(card.title)}</b>'
            f" <span>{escape(card.customer)}</span></p>"
            f'<p class="what number">{_priority(card)}{self._due(task.due)} {amount}{machine}'
            f"{called}</p>"
        )

    def _due(self, due: Due | None) -> str:
        if due is None:
            return f'<span class="muted">{self._words["undated"]}</span>'
        day = f'datetime="{due.day.isoformat()}" title="{escape(due.exact)}"'
        is_late = due.status == "late"
        words = escape(due.words if is_late else _("due %(words)s") % {"words": due.words})
        if due.status == "later":
            return f"<time {day}>{words}</time>"
        colour, drawing = LOOKS[due.status]
        return f'<time class="chip chip--{colour}" {day}>{self._icon(drawing)}{words}</time>'

    def _way(self, task: Task, more: str = "") -> str:
        card = task.card
        place = escape(
            _("%(place)s of %(total)s") % {"place": card.place, "total": card.steps_total}
        )
        return (
            f'<p class="way"><span class="sr">{self._words["step"]} </span>'
            f"{self._neighbour(task.before)}<b>{place}</b>{self._neighbour(task.after)}{more}</p>"
        )

    def _neighbour(self, step: Neighbour | None) -> str:
        if step is None:
            return ""
        drawing = LOOKS.get(step.status, NO_DATA)[1]
        state = f'<span class="sr"> {escape(step.label)}</span>'
        return f"<span>{self._icon(drawing)}{escape(step.process)}{state}</span>"

    def _start(self, task: Task) -> str:
        card = task.card
        if task.next.offer:
            return self._form(card, task.next.offer)
        if not task.next.must_choose:
            return f'<p class="why">{escape(task.why)}</p>'
        return (
            f'<a class="button" href="{task.at}">{self._icon("machine")}{self._words["choose"]}'
            f"{_of(card)}</a>"
        )

    def _form(self, card: Card, offer: Offer) -> str:
        fields = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
            for name, value in offer.fields.items()
        )
        return (
            f'<form method="post" action="{escape(offer.address)}" data-send>'
            f'{self._before_key}{uuid4()}">{fields}<button class="button" type="submit">'
            f"{self._icon('ready')}{escape(offer.word)}{_of(card)}</button></form>"
        )

    def _files(self, task: Task) -> str:
        card = task.card
        if not card.files:
            return ""
        if card.files > 1:
            words = escape(_("Drawings (%(count)s)") % {"count": card.files})
            address = f"{task.at}#files"
        else:
            words, address = self._words["drawing"], self._file.replace("0", str(card.file_id))
        return f'<a class="button" href="{address}">{self._icon("file")}{words}{_of(card)}</a>'

    def _chip(self, status: str, word: str) -> str:
        colour, drawing = LOOKS.get(status, NO_DATA)
        return f'<span class="chip chip--{colour}">{self._icon(drawing)}{escape(word)}</span>'

    def _icon(self, name: str) -> str:
        if name not in self._icons:
            self._icons[name] = icon(name)
        return self._icons[name]

    @cached_property
    def _file(self) -> str:
        return reverse("attachment-download", args=[0])

    @cached_property
    def _words(self) -> dict[str, str]:
        words = {
            "pieces": _("pieces"),
            "yours": _("assigned to you"),
            "called": _("Help called"),
            "undated": _("no due date"),
            "step": _("Step"),
            "choose": _("Choose a machine"),
            "drawing": _("Drawing"),
        }
        return {name: escape(word) for name, word in words.items()}


def _of(card: Card) -> str:
    """Say to who hears the page of which card a button is."""
    return f'<span class="sr"> {escape(card.job)} {escape(card.process)}</span>'


def _instructions(card: Card) -> str:
    return f'<p class="instructions">{escape(card.instructions)}</p>' if card.instructions else ""


def _priority(card: Card) -> str:
    if card.priority == Priority.NORMAL:
        return ""
    said = f'class="priority priority--{card.priority}"'
    return f"<span {said}>{escape(card.priority_label)}</span> "
