"""What an operator may do next, in dispatch order."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.utils import timezone

from apps.accounts.models import User
from apps.floor.cards import LISTS, Card, Neighbour, Reader, cards_of_my_work, keys_of_my_work
from apps.floor.offers import Next, next_action
from apps.processes.policies import EVERY
from apps.processes.selectors import process_rights
from apps.shop.words import Clock, Due, clock

T = TypeVar("T")

# More than these on one page help nobody.
RUNNING_AT_MOST = 20
WAITING_AT_MOST = 20
NEXT_AT_MOST = 20
SHOWN_NEXT = 12
STILL_WORKING_AFTER = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Task:
    """A card with what the page says of it: its address, due date, next action and clock."""

    card: Card
    at: str
    now: datetime
    due: Due | None
    before: Neighbour | None
    after: Neighbour | None
    next: Next
    why: str
    is_long: bool

    @property
    def elapsed(self) -> str:
        """How long the user has been at it, as a timer shows it."""
        return clock(self.now - self.card.since if self.card.since else timedelta())


@dataclass(frozen=True, slots=True)
class Work:
    """What the user does and may do, each list in the order of the page."""

    running: tuple[Task, ...]
    upcoming: tuple[Task, ...]
    waiting: tuple[Task, ...]
    has_more: bool
    may_work: bool


def my_work(reader: Reader, still: Collection[int] = ()) -> Work:
    """Return what the user works on, may start next (at their machine), and waits with.

    ``still`` are the logs of which they said that they go on. Queries: 1.
    """
    at_most = {
        "running": RUNNING_AT_MOST,
        "waiting": WAITING_AT_MOST,
        "next": SHOWN_NEXT + 1,
    }
    found = cards_of_my_work(reader, at_most)
    drawn = Drawn(reader, still)
    running = [card for name, card in found if name == "running"]
    ready = [card for name, card in found if name == "ready"]
    waiting = [card for name, card in found if name in {"waiting", "machine_down"}]
    return Work(
        running=drawn.all(sorted(running, key=lambda card: card.log_id or 0)),
        upcoming=drawn.all(ready[:SHOWN_NEXT]),
        waiting=drawn.all(waiting),
        has_more=len(ready) > SHOWN_NEXT,
        may_work=may_work_at_all(reader.user),
    )


class Drawn:
    """Cards as tasks of one page: one clock, one reader."""

    def __init__(self, reader: Reader, still: Collection[int] = ()) -> None:
        self.reader, self.still = reader, still
        self.now = timezone.now()
        self._clock = Clock(self.now)

    def all(self, cards: Iterable[Card]) -> tuple[Task, ...]:
        """Return the cards as tasks."""
        return tuple(map(self.one, cards))

    def one(self, card: Card) -> Task:
        """Return a card as a task."""
        before, after = card.neighbours
        coming = next_action(self.reader, card)
        return Task(
            card=card,
            at=self.reader.page_of(card),
            now=self.now,
            due=self._clock.due(card.due_date),
            before=before,
            after=after,
            next=coming,
            why="" if coming.must_choose else coming.why,
            is_long=self._is_long(card),
        )

    def _is_long(self, card: Card) -> bool:
        """Whether the user should be asked if they still work on it."""
        if card.since is None or card.log_id in self.still:
            return False
        return self.now - card.since >= STILL_WORKING_AFTER


def may_work_at_all(user: User) -> bool:
    """Whether the user's role may work on any process. Queries: 0 while cached."""
    return user.has_perm(EVERY) or bool(process_rights(user.role_id).execute)


def my_steps(user: User) -> dict[str, list[int]]:
    """Return the keys of the steps of ``my_work`` at no machine, by list.

    ``running`` as it was begun, ``waiting`` and ``machine_down``, and ``ready``: a few too many,
    ``first_of`` says in dispatch order which are told, and whether there are more.

    Queries: 1.
    """
    at_most = {"running": RUNNING_AT_MOST, "waiting": WAITING_AT_MOST, "next": NEXT_AT_MOST + 1}
    lists: dict[str, list[int]] = {name: [] for name in LISTS}
    for name, key in keys_of_my_work(user, at_most):
        lists[name].append(key)
    return lists


def first_of(ready: Sequence[T]) -> tuple[Sequence[T], bool]:
    """Return the first of what may be started next, and whether there is more."""
    return ready[:NEXT_AT_MOST], len(ready) > NEXT_AT_MOST
