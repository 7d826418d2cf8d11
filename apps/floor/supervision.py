"""What goes on on the floor, for who supervises it: one statement, every part of it bounded."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, Self, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import get_language

from apps.accounts.models import User
from apps.accounts.querysets import UserQuerySet
from apps.core.together import Question, Row, Together
from apps.floor.supervision_cards import (
    CALL,
    LOG,
    MACHINE,
    PERSON,
    STEP,
    AtWork,
    Call,
    Card,
    Lamp,
    Lane,
    Person,
    Rights,
    call_of,
    card_of,
    idle_of,
    lamp_of,
    rights_of,
    work_of,
    working_of,
)
from apps.jobs.models import HelpCall, JobStep, WorkLog
from apps.jobs.states import JobStatus, Priority, StepStatus
from apps.machines.models import Machine
from apps.machines.querysets import MachineQuerySet
from apps.machines.states import MachineStatus
from apps.processes.models import Process, RoleProcessPermission
from apps.processes.policies import EVERY
from apps.processes.selectors import ProcessRights, process_rights
from apps.shop.selectors import start_of, today
from apps.shop.words import Clock

R = TypeVar("R", bound="QuerySet[Any, Any]")

# More than these help nobody at one glance; the page says so and offers a process to look at.
CALLS_AT_MOST = 20
MACHINES_AT_MOST = 32
LOGS_AT_MOST = 40
IDLE_AT_MOST = 24
READY_AT_MOST = 24
PAUSED_AT_MOST = 12
STATEMENTS_AT_MOST = 256
SEES = ("jobs.view_jobstep", "jobs.view_worklog", "jobs.view_helpcall", "accounts.view_user")

URGENCY = Case(
    When(status=MachineStatus.DOWN, then=Value(0)),
    When(status=MachineStatus.RUNNING, then=Value(1)),
    default=Value(2),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """How many of each kind a page shows."""

    machines: int = MACHINES_AT_MOST
    logs: int = LOGS_AT_MOST
    idle: int = IDLE_AT_MOST
    ready: int = READY_AT_MOST
    paused: int = PAUSED_AT_MOST


SHOWN = Shown()


@dataclass(frozen=True, slots=True)
class Scene:
    """The floor at one moment. ``more`` names the parts of which there is more than is shown."""

    now: datetime
    process_id: int | None
    processes: tuple[tuple[int, str], ...]
    calls: tuple[Call, ...]
    lamps: tuple[Lamp, ...]
    working: tuple[Person, ...]
    idle: tuple[Person, ...]
    ready: tuple[Card, ...]
    paused: tuple[Card, ...]
    rights: Rights
    more: AbstractSet[str] = field(default_factory=frozenset)

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """The ready steps by priority, the most urgent first; a lane may be empty."""
        lanes = sorted(Priority, reverse=True)
        return tuple(
            Lane(each, str(each.label), tuple(c for c in self.ready if c.priority == each))
            for each in lanes
        )

    @property
    def people(self) -> int:
        """How many people are shown."""
        return len(self.working) + len(self.idle)

    @property
    def running(self) -> int:
        """How many of the machines shown run or are set up."""
        return sum(bool(lamp.works) for lamp in self.lamps)

    @property
    def down(self) -> int:
        """How many of the machines shown are down."""
        return sum(lamp.is_down for lamp in self.lamps)


def may_supervise_at_all(user: User) -> bool:
    """Whether the user's role supervises any process. Queries: 0 while cached."""
    return user.has_perm(EVERY) or bool(process_rights(user.role_id).supervise)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for the floor, and all that their questions depend on."""

    user: User = field(compare=False)
    user_id: int
    rights: ProcessRights
    sees: tuple[bool, ...]
    scope: tuple[int, ...] | None
    everywhere: tuple[int, ...] | None
    morning: datetime
    shown: Shown

    @classmethod
    def of(cls, user: User, process_id: int | None, shown: Shown) -> Self:
        """Return the asker. Queries: 0 while cached."""
        return cls(
            user=user,
            user_id=user.pk,
            rights=process_rights(user.role_id),
            sees=tuple(user.has_perm(each) for each in SEES),
            scope=supervised(user, process_id),
            everywhere=supervised(user),
            morning=start_of(today()),
            shown=shown,
        )


class Reading:
    """The answers to a page's questions, not looked at yet: ``tag`` tells if they are others."""

    def __init__(self, user: User, process_id: int | None, shown: Shown = SHOWN) -> None:
        """Ask. Queries: 1."""
        self.now = timezone.now()
        self._process_id = process_id
        self._more: set[str] = set()
        self.asker = Asker.of(user, process_id, shown)
        self._together = _together(self.asker)
        self._found = self._together.ask()

    @property
    def tag(self) -> str:
        """An ETag: another with whatever is told, and each minute, for times are told too."""
        facts = (
            self.asker,
            self._process_id,
            self.asker.user.version,
            get_language(),
            int(self.now.timestamp()) // 60,
        )
        digest = hashlib.blake2b(repr(facts).encode(), digest_size=8)
        for found in self._found.values():
            digest.update(found)
        return f'"{digest.hexdigest()}"'

    def rows(self, name: str) -> list[Row]:
        """Return the answer to one question."""
        return self._together.read(name, self._found[name])

    def scene(self) -> Scene:
        """Put the answers together."""
        clock = Clock(self.now)
        rights = rights_of(self.rows("rights"))
        works = [work_of(row, clock) for row in self._some("logs")]
        ready = self._ready(clock)
        own = {card.assigned_to_id: card for card in reversed(ready)}
        idle = [idle_of(row, clock, rights, own) for row in self._some("idle")]
        return Scene(
            now=self.now,
            process_id=self._process_id,
            processes=tuple((row["pk"], row["name"]) for row in self.rows("processes")),
            calls=tuple(call_of(row, clock) for row in self.rows("calls")),
            lamps=self._lamps(works, ready, clock),
            working=working_of(works, rights, own),
            idle=tuple(idle),
            ready=ready,
            paused=tuple(card_of(row, clock) for row in self._some("paused")),
            rights=rights,
            more=frozenset(self._more),
        )

    def _ready(self, clock: Clock) -> tuple[Card, ...]:
        """Return the ready steps in dispatch order: nobody's, and somebody's."""
        rows = [row for name in ("free", "given") for row in self.rows(name)]
        cards = sorted((card_of(row, clock) for row in rows), key=attrgetter("order"))
        if len(cards) > self.asker.shown.ready:
            self._more.add("ready")
        return tuple(cards[: self.asker.shown.ready])

    def _some(self, name: str) -> list[Row]:
        """Return as many of an answer's rows as are shown, and remember if there are more."""
        rows, most = self.rows(name), getattr(self.asker.shown, name)
        if len(rows) > most:
            self._more.add(name)
        return rows[:most]

    def _lamps(
        self, works: Iterable[AtWork], ready: Iterable[Card], clock: Clock
    ) -> tuple[Lamp, ...]:
        by_machine: defaultdict[int | None, list[AtWork]] = defaultdict(list)
        for work in works:
            by_machine[work.machine_id].append(work)
        queues: defaultdict[int | None, list[Card]] = defaultdict(list)
        for card in ready:
            queues[card.machine_id].append(card)
        return tuple(
            lamp_of(row, clock, by_machine[row["pk"]], queues[row["pk"]])
            for row in self._some("machines")
        )


@lru_cache(maxsize=STATEMENTS_AT_MOST)
def _together(asker: Asker) -> Together:
    """Return what a page asks; each reads so many rows and one more, to know of more."""
    scope, shown = asker.scope, asker.shown
    steps = within(JobStep.objects.visible_to(asker.user), "process", scope)
    ready = steps.ready().in_dispatch_order()
    paused = steps.filter(status=StepStatus.PAUSED, job__status=JobStatus.ACTIVE)
    rights = RoleProcessPermission.objects.filter(can_execute=True)
    questions = {
        "processes": Question(_processes(asker), ("pk", "name")),
        "calls": Question(_calls(asker.user), CALL),
        "machines": Question(_machines(scope)[: shown.machines + 1], MACHINE),
        "logs": Question(_logs(asker)[: shown.logs + 1], LOG),
        "idle": Question(_idle_people(asker)[: shown.idle + 1], PERSON),
        # Each off an index of its own, to be merged: idx_job_steps_dispatch, idx_job_steps_at_hand.
        "free": Question(ready.filter(assigned_to=None)[: shown.ready + 1], STEP),
        "given": Question(ready.filter(assigned_to__isnull=False)[: shown.ready + 1], STEP),
        "paused": Question(paused.in_dispatch_order()[: shown.paused + 1], STEP),
        "rights": Question(within(rights, "process", scope), ("role_id", "process_id")),
    }
    return Together(questions, stands=True)


def supervised(user: User, process_id: int | None = None) -> tuple[int, ...] | None:
    """Return the processes that the user supervises, or the one of them; None means every one."""
    if user.has_perm(EVERY):
        return None if process_id is None else (process_id,)
    own = process_rights(user.role_id).supervise
    return tuple(sorted(own if process_id is None else own & {process_id}))


def within(rows: R, name: str, scope: Collection[int] | None) -> R:
    """Narrow rows to the processes in scope."""
    return rows if scope is None else rows.filter(**{f"{name}__in": scope})


def _processes(asker: Asker) -> "QuerySet[Process]":
    """Return what the page can be narrowed to. A shop has dozens."""
    return within(Process.objects.active(), "pk", asker.everywhere).order_by("name")


def _calls(user: User) -> "QuerySet[HelpCall]":
    """Uses index: idx_help_calls_open."""
    return HelpCall.objects.visible_to(user).open().order_by("raised_at")[:CALLS_AT_MOST]


def _machines(scope: Collection[int] | None) -> "QuerySet[Machine]":
    """Return the machines in use, those down first, then those that run.

    A shop has hundreds of machines at most.
    """
    machines = Machine.objects.active()
    if scope is not None:
        machines = machines.able_to(scope)
    return machines_with_downtime(machines)


def machines_with_downtime(machines: MachineQuerySet) -> "QuerySet[Machine]":
    """Add to machines what they can do and the downtime that is open: one at most.

    Uses index: idx_machine_downtimes_open.
    """
    is_open = Q(downtimes__ended_at=None)
    down = with_abilities(machines).annotate(
        now_down=FilteredRelation("downtimes", condition=is_open)
    )
    return down.order_by(URGENCY, "code")


def with_abilities(machines: MachineQuerySet) -> "QuerySet[Machine]":
    """Add to machines the processes that they can do, by code."""
    can = Machine.processes.through._default_manager.filter(machine=OuterRef("pk"))
    return machines.annotate(can=ArraySubquery(can.values("process"))).order_by("code")


def _logs(asker: Asker) -> "QuerySet[WorkLog]":
    """Uses index: idx_work_logs_open_user (whole: it is small)."""
    logs = WorkLog.objects.visible_to(asker.user).open()
    return within(logs, "step__process", asker.scope).order_by("user_id", "pk")


def _idle_people(asker: Asker) -> "QuerySet[User]":
    """Return who works such processes for a living, was here today, and works on nothing now.

    For a living: their role may execute them and not supervise them.

    Uses index: idx_users_role.
    """
    roles = RoleProcessPermission.objects.filter(can_execute=True, can_supervise=False)
    people = User.objects.visible_to(asker.user).active()
    people = people.filter(role__in=within(roles, "process", asker.scope).values("role"))
    idle = with_presence(people, asker.morning).filter(is_seen=True, is_working=False)
    return idle.order_by("full_name", "pk")


def with_presence(people: UserQuerySet, morning: datetime) -> "QuerySet[Any, Any]":
    """Add to users if they work now, when their last work was, and if they were seen today.

    Seen: they signed in, or their last work log is of today.

    Uses index: idx_work_logs_open_user, idx_work_logs_user (one log a user).
    """
    logs = WorkLog.objects.filter(user=OuterRef("pk"))
    last = logs.order_by("-pk").annotate(at=Coalesce("ended_at", "started_at")).values("at")[:1]
    seen = Q(last_login__gte=morning) | Q(last_log_at__gte=morning)
    return people.annotate(
        is_working=Exists(logs.open()),
        last_log_at=last,
        is_seen=Coalesce(
            ExpressionWrapper(seen, output_field=BooleanField()),
            Value(False),
        ),
    )
