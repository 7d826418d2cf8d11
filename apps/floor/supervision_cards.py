"""What the supervisor's floor is made of: steps, people, machines and calls, as they are shown."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from apps.core.together import Row
from apps.jobs.services import glimpse_of
from apps.jobs.states import LogKind, StepStatus
from apps.machines.states import MachineStatus
from apps.shop.words import Clock, Due

Rights = Mapping[int, frozenset[int]]  # The processes that a role may execute, by role.

CALL = (
    "pk", "raised_at", "note", "raised_by__full_name", "raised_by__username", "step_id",
    "step__job__number", "step__process__name", "step__machine__name", "machine__code",
    "machine__name",
)  # fmt: skip
MACHINE = (
    "pk", "code", "name", "status", "can", "now_down__pk", "now_down__started_at",
    "now_down__reason__name",
)  # fmt: skip
LOG = (
    "user_id", "user__full_name", "user__username", "user__role_id", "user__role__name", "kind",
    "started_at", "machine_id", "machine__code", "machine__name", "step_id", "step__job_id",
    "step__job__number", "step__process_id", "step__process__name", "step__sequence",
    "step__priority", "step__due_date", "step__planned_minutes", "step__quantity_planned",
    "step__quantity_good", "step__quantity_scrap", "step__quantity_rework",
)  # fmt: skip
PERSON = (
    "pk", "full_name", "username", "role_id", "role__name", "last_login", "last_log_at",
)  # fmt: skip
STEP = (
    "pk", "version", "status", "job_id", "job__number", "job__title", "job__customer__name",
    "sequence", "process_id", "process__name", "process__needs_machine", "machine_id",
    "machine__code", "machine__name", "machine__status", "assigned_to_id",
    "assigned_to__full_name", "assigned_to__username", "priority", "due_date",
    "planned_minutes", "quantity_planned", "quantity_good", "quantity_scrap", "quantity_rework",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    """A step that waits: ready or paused. ``glimpse`` is what a change of it is sent with."""

    pk: int
    version: int
    status: str
    job_id: int
    job: str
    title: str
    customer: str
    sequence: int
    process_id: int
    process: str
    needs_machine: bool
    machine_id: int | None
    machine: str
    machine_status: str
    assigned_to_id: int | None
    assigned_to: str
    priority: int
    due_date: date | None
    due: Due | None
    planned: int
    remaining: int
    planned_minutes: int

    @property
    def glimpse(self) -> str:
        """What the reader saw of it."""
        return glimpse_of(self)

    @property
    def order(self) -> tuple[Any, ...]:
        """Its place in dispatch order."""
        return order_of(self.priority, self.due_date, self.sequence, self.pk)

    @property
    def is_paused(self) -> bool:
        """Whether work on it has begun and rests."""
        return self.status == StepStatus.PAUSED

    @property
    def is_down(self) -> bool:
        """Whether its machine is down."""
        return self.machine_status == MachineStatus.DOWN

    @property
    def state(self) -> str:
        """Its status in words."""
        return str(StepStatus(self.status).label)


@dataclass(frozen=True, slots=True)
class AtWork:
    """Somebody's work on a step, going on now."""

    user_id: int
    user: str
    role_id: int
    role: str
    step_id: int
    job_id: int
    job: str
    process_id: int
    process: str
    machine_id: int | None
    machine: str
    is_set_up: bool
    started_at: datetime
    since: str
    lasting: str
    sequence: int
    priority: int
    due_date: date | None
    planned: int
    remaining: int
    planned_minutes: int

    @property
    def order(self) -> tuple[Any, ...]:
        """Its place in dispatch order."""
        return order_of(self.priority, self.due_date, self.sequence, self.step_id)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the floor: what they work on, or what they did last. ``may`` are processes."""

    pk: int
    name: str
    role: str
    may: frozenset[int]
    works: tuple[AtWork, ...] = ()
    seen: str = ""
    next: Card | None = None


@dataclass(frozen=True, slots=True)
class Lamp:
    """A machine: its state, since when and why, and who works on it."""

    pk: int
    name: str
    status: str
    can: frozenset[int]
    since: str = ""
    lasting: str = ""
    reason: str = ""
    downtime_id: int | None = None
    works: tuple[AtWork, ...] = ()
    queue: tuple[Card, ...] = ()

    @property
    def word(self) -> str:
        """Its state in words."""
        if self.status == "setup":
            return _("Set-up")
        return str(MachineStatus(self.status).label)

    @property
    def is_down(self) -> bool:
        """Whether it is not available."""
        return self.status == MachineStatus.DOWN


@dataclass(frozen=True, slots=True)
class Call:
    """A call for help that nobody has answered."""

    pk: int
    place: str
    step_id: int | None
    who: str
    note: str
    since: str
    lasting: str


@dataclass(frozen=True, slots=True)
class Lane:
    """The ready steps of one priority, in dispatch order."""

    priority: int
    name: str
    cards: tuple[Card, ...]


def person_name(row: Row, prefix: str = "") -> str:
    """Return what people call a user."""
    return str(row[f"{prefix}full_name"] or row[f"{prefix}username"] or "")


def machine_name(row: Row, prefix: str = "machine__") -> str:
    """Return what a machine is called; nothing where there is none."""
    code, name = row[f"{prefix}code"], row[f"{prefix}name"]
    return f"{code} {name}" if name and code != name else name or ""


def card_of(row: Row, clock: Clock) -> Card:
    """Return a step that waits from its STEP columns."""
    due_date = day_of(row["due_date"])
    return Card(
        pk=row["pk"],
        version=row["version"],
        status=row["status"],
        job_id=row["job_id"],
        job=row["job__number"],
        title=row["job__title"],
        customer=row["job__customer__name"],
        sequence=row["sequence"],
        process_id=row["process_id"],
        process=row["process__name"],
        needs_machine=row["process__needs_machine"],
        machine_id=row["machine_id"],
        machine=machine_name(row),
        machine_status=row["machine__status"] or "",
        assigned_to_id=row["assigned_to_id"],
        assigned_to=person_name(row, "assigned_to__"),
        priority=row["priority"],
        due_date=due_date,
        due=clock.due(due_date),
        planned=row["quantity_planned"],
        remaining=remaining(row),
        planned_minutes=row["planned_minutes"],
    )


def order_of(priority: int, due_date: date | None, sequence: int, pk: int) -> tuple[Any, ...]:
    """Return a step's place in dispatch order, to compare."""
    return -priority, due_date or date.max, sequence, pk


def day_of(text: str | None) -> date | None:
    """Return a day from its JSON."""
    return date.fromisoformat(text) if text else None


def remaining(row: Row, prefix: str = "") -> int:
    """Return how many planned pieces are not reported yet."""
    reported = sum(int(row[f"{prefix}quantity_{each}"]) for each in ("good", "scrap", "rework"))
    planned = int(row[f"{prefix}quantity_planned"])
    return max(planned - reported, 0)


def rights_of(rows: Iterable[Row]) -> Rights:
    """Return the processes that each role may execute."""
    rights: defaultdict[int, set[int]] = defaultdict(set)
    for row in rows:
        rights[row["role_id"]].add(row["process_id"])
    return {role: frozenset(processes) for role, processes in rights.items()}


def work_of(row: Row, clock: Clock) -> AtWork:
    """Return somebody's work going on from its LOG columns."""
    started_at = datetime.fromisoformat(row["started_at"])
    return AtWork(
        user_id=row["user_id"],
        user=person_name(row, "user__"),
        role_id=row["user__role_id"],
        role=row["user__role__name"],
        step_id=row["step_id"],
        job_id=row["step__job_id"],
        job=row["step__job__number"],
        process_id=row["step__process_id"],
        process=row["step__process__name"],
        machine_id=row["machine_id"],
        machine=machine_name(row),
        is_set_up=row["kind"] == LogKind.SETUP,
        started_at=started_at,
        since=clock.since(started_at),
        lasting=clock.lasting(started_at),
        sequence=row["step__sequence"],
        priority=row["step__priority"],
        due_date=day_of(row["step__due_date"]),
        planned=row["step__quantity_planned"],
        remaining=remaining(row, "step__"),
        planned_minutes=row["step__planned_minutes"],
    )


def working_of(
    works: Iterable[AtWork],
    rights: Rights,
    own: Mapping[int | None, Card],
) -> tuple[Person, ...]:
    """Return who works now, by name."""
    by_user: defaultdict[int, list[AtWork]] = defaultdict(list)
    for work in works:
        by_user[work.user_id].append(work)
    people = [
        Person(
            pk=user_id,
            name=some[0].user,
            role=some[0].role,
            may=rights.get(some[0].role_id, frozenset()),
            works=tuple(some),
            next=own.get(user_id),
        )
        for user_id, some in by_user.items()
    ]
    return tuple(sorted(people, key=lambda person: person.name))


def idle_of(
    row: Row,
    clock: Clock,
    rights: Rights,
    own: Mapping[int | None, Card],
) -> Person:
    """Return somebody who is here and idle from their PERSON columns."""
    return Person(
        pk=row["pk"],
        name=person_name(row),
        role=row["role__name"],
        may=rights.get(row["role_id"], frozenset()),
        seen=_seen(row, clock),
        next=own.get(row["pk"]),
    )


def _seen(row: Row, clock: Clock) -> str:
    """Return how it is known that somebody is here."""
    signed_in, worked = (
        datetime.fromisoformat(row[name]) if row[name] else None
        for name in ("last_login", "last_log_at")
    )
    if worked and (signed_in is None or worked >= signed_in):
        return _("worked until %(time)s") % {"time": clock.since(worked)}
    return _("signed in %(time)s") % {"time": clock.since(signed_in) if signed_in else ""}


def lamp_of(row: Row, clock: Clock, works: list[AtWork], queue: list[Card]) -> Lamp:
    """Return a machine from its MACHINE columns, with who works on it and what waits for it."""
    status = row["status"]
    if works and status != MachineStatus.DOWN and all(work.is_set_up for work in works):
        status = "setup"
    down_at = row["now_down__started_at"]
    began = datetime.fromisoformat(down_at) if down_at else None
    return Lamp(
        pk=row["pk"],
        name=machine_name(row, ""),
        status=status,
        can=frozenset(row["can"]),
        since=clock.since(began) if began else "",
        lasting=clock.lasting(began) if began else "",
        reason=row["now_down__reason__name"] or "",
        downtime_id=row["now_down__pk"],
        works=tuple(works),
        queue=tuple(queue),
    )


def call_of(row: Row, clock: Clock) -> Call:
    """Return a call from its CALL columns."""
    raised_at = datetime.fromisoformat(row["raised_at"])
    places = (
        machine_name(row) or row["step__machine__name"],
        row["step__job__number"],
        row["step__process__name"],
    )
    return Call(
        pk=row["pk"],
        place=" · ".join(place for place in places if place),
        step_id=row["step_id"],
        who=person_name(row, "raised_by__"),
        note=row["note"],
        since=clock.since(raised_at),
        lasting=clock.lasting(raised_at),
    )
