"""A step as its card shows it, read by the statements of ``statements``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db.models import BigIntegerField
from django.urls import reverse

from apps.accounts.models import User
from apps.core.standing import ask_again
from apps.floor import statements
from apps.jobs.querysets import JOB_RESTING
from apps.jobs.states import JobStatus, LogKind, Priority, StepStatus
from apps.machines.states import MachineStatus
from apps.processes.policies import EVERY
from apps.processes.selectors import process_rights

LISTS = ("running", "waiting", "machine_down", "ready")  # Of a user's work.
_RESTING: Mapping[str, Any] = {"resting": [*map(str, JOB_RESTING)]}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks, and the key of the machine that they stand at; None for none.

    ``root`` is the address under which all steps have theirs.
    """

    user: User
    stand: int | None = None
    root: str = field(default_factory=partial(reverse, "tasks"))

    def page_of(self, card: "Card") -> str:
        """Return the address of a step's page."""
        return f"{self.root}{card.pk}/"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The step before or after, if one may see it: its process and its state."""

    process: str
    status: str

    @property
    def label(self) -> str:
        """Its state in words."""
        return str(StepStatus(self.status).label)


@dataclass(frozen=True, slots=True)
class Card:
    """A step with what its card shows.

    ``since``, ``kind`` and ``log_id`` are of the reader's own open log, None without one;
    ``workers`` are the others who work on it now. ``place`` is its number in the job, from 1.
    Where a machine is still to be chosen, ``able`` are so many (2 for more), ``able_id`` is one;
    ``is_able_here`` says that the one stood at can do it. ``file_id`` is the
    first of ``files``, the drawings and other files on the step, its job and part, and its step of
    the routing.
    """

    pk: int
    version: int
    status: str
    priority: int
    due_date: date | None
    sequence: int
    planned: int
    good: int
    scrap: int
    rework: int
    minutes: int
    instructions: str
    starts_after: str
    assigned_to_id: int | None
    assigned_to: str | None
    job_id: int
    job: str
    title: str
    job_status: str
    steps_total: int
    steps_done: int
    routing_id: int | None
    customer: str
    part_id: int | None
    part: str
    unit: str
    process_id: int
    process: str
    needs_machine: bool
    machine_id: int | None
    machine: str | None
    machine_status: str | None
    log_id: int | None
    since: datetime | None
    kind: str | None
    workers: list[str] | None
    is_help_called: bool
    place: int
    before: list[str] | None
    after: list[str] | None
    able: int
    able_id: int | None
    is_able_here: bool
    files: int
    file_id: int | None

    @property
    def is_mine(self) -> bool:
        """Whether the reader works on it now."""
        return self.log_id is not None

    @property
    def is_set_up(self) -> bool:
        """Whether the reader's work on it is setting up."""
        return self.kind == LogKind.SETUP

    @property
    def rest(self) -> int:
        """Planned pieces not reported yet."""
        return max(self.planned - self.good - self.scrap - self.rework, 0)

    @property
    def status_label(self) -> str:
        """The state in words."""
        return str(StepStatus(self.status).label)

    @property
    def job_status_label(self) -> str:
        """The job's state in words."""
        return str(JobStatus(self.job_status).label)

    @property
    def priority_label(self) -> str:
        """The priority in words."""
        return str(Priority(self.priority).label)

    @property
    def neighbours(self) -> tuple[Neighbour | None, Neighbour | None]:
        """What comes before and after."""
        return _neighbour(self.before), _neighbour(self.after)


def _neighbour(told: list[str] | None) -> Neighbour | None:
    return Neighbour(told[0], told[1]) if told else None


def cards_of_my_work(reader: Reader, at_most: Mapping[str, int]) -> list[tuple[str, Card]]:
    """Return what the user works on, waits with and may start, each with its list's name.

    What may be started is narrowed to the machine stood at. The lists come mixed, in dispatch
    order, each with no more than ``at_most`` says.

    Queries: 1.
    """
    sql = statements.MY_WORK if reader.stand is None else statements.MY_WORK_AT_MACHINE
    rows = ask_again(sql, {**_asked(reader), **_RESTING, **at_most})
    return [(row[0], Card(*row[1:])) for row in rows]


def keys_of_my_work(user: User, at_most: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return the keys of the steps of ``cards_of_my_work`` anywhere, with their lists' names.

    What is worked on comes first, as it was begun; the rest in no order.

    Queries: 1.
    """
    return ask_again(statements.MY_KEYS, {**_asked(Reader(user)), **_RESTING, **at_most})


def card_of_step(reader: Reader, step_id: int) -> Card | None:
    """Return a step that the user may see. Queries: 1."""
    if step_id > BigIntegerField.MAX_BIGINT:
        return None  # No key is as long; PostgreSQL would not read it.
    return next(iter(_cards(statements.ONE, _asked(reader) | {"step": step_id})), None)


def cards_of_job(reader: Reader, number: str) -> list[Card]:
    """Return the steps of a job that the user may see, in order. Queries: 1."""
    return _cards(statements.OF_JOB, _asked(reader) | {"number": number})


def cards_running(reader: Reader, at_most: int) -> list[Card]:
    """Return what the user works on, in the order it was begun. Queries: 1."""
    return _cards(statements.RUNNING, _asked(reader) | {"running": at_most})


def is_down(card: Card) -> bool:
    """Whether the step waits for its machine."""
    return card.machine_status == MachineStatus.DOWN


def _asked(reader: Reader) -> dict[str, Any]:
    user = reader.user
    rights = process_rights(user.role_id)
    return {
        "user": user.pk,
        "stand": reader.stand,
        "every": user.has_perm(EVERY),
        "sees_all": user.has_perm("jobs.view_jobstep"),
        "sees_files": user.has_perm("jobs.view_attachment")
        or user.has_perm("jobs.view_routingstep"),
        "view": sorted(rights.view),
        "execute": sorted(rights.execute),
    }


def _cards(sql: str, asked: Mapping[str, Any]) -> list[Card]:
    return [Card(*row[1:]) for row in ask_again(sql, asked)]
