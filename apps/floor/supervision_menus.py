"""What a supervisor can choose from: for one step, and for one person."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import BigIntegerField
from django.utils import timezone

from apps.accounts.models import User
from apps.core.standing import marked
from apps.core.together import Question, Together
from apps.floor.supervision import (
    SHOWN,
    STATEMENTS_AT_MOST,
    Asker,
    Reading,
    machines_with_downtime,
    with_presence,
)
from apps.floor.supervision_cards import (
    MACHINE,
    STEP,
    Card,
    Lamp,
    Person,
    card_of,
    lamp_of,
    person_name,
)
from apps.jobs.models import JobStep
from apps.jobs.policies import may_supervise
from apps.jobs.states import Priority
from apps.machines.models import Machine
from apps.processes.models import RoleProcessPermission
from apps.processes.policies import EVERY
from apps.processes.selectors import process_rights
from apps.shop.words import Clock

PEOPLE_AT_MOST = 60  # Those here first.
STEPS_AT_MOST = 12
CANDIDATE = ("pk", "full_name", "username", "role__name", "is_working", "is_seen")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may do a step."""

    pk: int
    name: str
    role: str
    is_working: bool
    is_here: bool


@dataclass(frozen=True, slots=True)
class StepMenu:
    """A step, who may do it, which machines can, and how urgent it may be."""

    card: Card
    people: tuple[Candidate, ...]
    machines: tuple[Lamp, ...]
    may_supervise: bool

    @property
    def here(self) -> tuple[Candidate, ...]:
        """Who was seen today, those first who work on nothing."""
        return tuple(sorted((p for p in self.people if p.is_here), key=lambda p: p.is_working))

    @property
    def away(self) -> tuple[Candidate, ...]:
        """Who was not seen today."""
        return tuple(person for person in self.people if not person.is_here)

    @property
    def priorities(self) -> tuple[tuple[int, str], ...]:
        """How urgent it may be, most urgent first."""
        return tuple((each.value, str(each.label)) for each in sorted(Priority, reverse=True))


@dataclass(frozen=True, slots=True)
class PersonMenu:
    """Somebody, the steps that they may take, and the machines where something waits for them."""

    person: Person
    cards: tuple[Card, ...]
    machines: tuple[Lamp, ...]


def step_menu(user: User, step_id: int) -> StepMenu | None:
    """Return what can be done to a step that the user may see. Queries: 1.

    Uses index: idx_users_role, and those of ``with_presence``.
    """
    if step_id > BigIntegerField.MAX_BIGINT:
        return None  # No key is as long; PostgreSQL would look at each for it.
    asked = _together(Asker.of(user, None, SHOWN))
    rows = {name: asked.read(name, answer) for name, answer in asked.ask(step=step_id).items()}
    if not rows["step"]:
        return None
    clock = Clock(timezone.now())
    card = card_of(rows["step"][0], clock)
    return StepMenu(
        card=card,
        people=tuple(
            Candidate(
                pk=row["pk"],
                name=person_name(row),
                role=row["role__name"],
                is_working=row["is_working"],
                is_here=bool(row["is_working"] or row["is_seen"]),
            )
            for row in rows["people"]
        ),
        machines=tuple(lamp_of(row, clock, [], []) for row in rows["machines"]),
        may_supervise=may_supervise(user, JobStep(pk=card.pk, process_id=card.process_id)),
    )


@lru_cache(maxsize=STATEMENTS_AT_MOST)
def _together(asker: Asker) -> Together:
    """Return what is asked of a ``step``."""
    steps = JobStep.objects.visible_to(asker.user).filter(pk=marked("step"))
    process = steps.values("process")
    roles = RoleProcessPermission.objects.filter(process__in=process, can_execute=True)
    people = User.objects.visible_to(asker.user).active().filter(role__in=roles.values("role"))
    candidates = with_presence(people, asker.morning)
    machines = machines_with_downtime(Machine.objects.active().filter(processes__in=process))
    return Together(
        {
            "step": Question(steps, STEP),
            "people": Question(
                candidates.order_by("-is_working", "-is_seen", "full_name", "pk")[:PEOPLE_AT_MOST],
                CANDIDATE,
            ),
            "machines": Question(machines, MACHINE),
        },
        stands=True,
    )


def person_menu(user: User, person_id: int) -> PersonMenu | None:
    """Return what somebody could be given. Queries: 2."""
    found = User.objects.visible_to(user).active().with_labels().filter(pk=person_id).first()
    if found is None:
        return None
    scene = Reading(user, None).scene()
    may = _executes(found)
    known = {person.pk: person for person in (*scene.working, *scene.idle)}
    person = known.get(found.pk) or Person(found.pk, str(found), str(found.role), frozenset())
    free = [card for card in scene.ready if card.assigned_to_id is None]
    own = tuple(card for card in free if may is None or card.process_id in may)
    return PersonMenu(
        person=person,
        cards=own[:STEPS_AT_MOST],
        machines=tuple(lamp for lamp in scene.lamps if not lamp.is_down and _waits(lamp, own)),
    )


def place_for(person: User, machine_id: int) -> JobStep | None:
    """Return the next step for somebody at a machine: ready, nobody's, and theirs to do.

    What is planned on the machine comes before what any machine may do.

    Uses index: idx_job_steps_machine_status, idx_job_steps_dispatch. Queries: at most 2.
    """
    may = _executes(person)
    free = JobStep.objects.ready_for_anyone(may).in_dispatch_order().with_labels()
    can = Machine.processes.through._default_manager.filter(machine=machine_id).values("process")
    planned = free.filter(machine=machine_id).first()
    return planned or free.filter(machine=None, process__in=can).first()


def _executes(person: User) -> frozenset[int] | None:
    """Return the processes that somebody may do; None for every one."""
    return None if person.has_perm(EVERY) else process_rights(person.role_id).execute


def _waits(lamp: Lamp, cards: Iterable[Card]) -> bool:
    """Whether one of the steps could be done on the machine."""
    return any(
        card.machine_id == lamp.pk or (card.machine_id is None and card.process_id in lamp.can)
        for card in cards
        if card.needs_machine
    )
