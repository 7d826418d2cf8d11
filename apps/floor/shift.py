"""The start of a shift: what can run now and what cannot, who is here, when jobs will be done."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.core.standing import is_one_of
from apps.core.together import Question, Row, Together
from apps.floor.supervision import (
    STATEMENTS_AT_MOST,
    Asker,
    Reading,
    Scene,
    Shown,
    with_abilities,
)
from apps.floor.supervision_cards import (
    AtWork,
    Card,
    Lamp,
    Person,
    day_of,
    machine_name,
    order_of,
    person_name,
    remaining,
)
from apps.floor.supervision_forecast import Forecast, Hours, Work, remaining_minutes
from apps.jobs.models import JobStep
from apps.jobs.states import STEP_OPEN, StepStatus
from apps.machines.models import Machine
from apps.machines.states import MachineStatus
from apps.shop.models import Holiday, Shift
from apps.shop.selectors import current_shop, end_of, today
from apps.shop.words import Clock, Due

JOBS_AT_MOST = 16
WAITING_AT_MOST = 12
WHO_AT_MOST = 3
MACHINES_AT_MOST = 1_000  # Of which it is asked what they can do.
SHOWN = Shown(paused=0)
Able = Mapping[int, Collection[int]]  # What each machine that is up can do.
OPEN = (
    "pk", "job_id", "job__number", "job__title", "job__customer__name", "sequence", "priority",
    "due_date", "status", "process_id", "process__name", "process__needs_machine", "machine_id",
    "machine__code", "machine__name", "machine__status", "assigned_to__full_name",
    "assigned_to__username", "planned_minutes", "quantity_planned", "quantity_good",
    "quantity_scrap", "quantity_rework",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """A step that is ready: who of those here may do it, or why it cannot run now."""

    card: Card
    who: tuple[str, ...] = ()
    more: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A step that waits for the ones before it, and which those are."""

    pk: int
    job: str
    process: str
    for_what: str


@dataclass(frozen=True, slots=True)
class Promise:
    """When a job will be done by the forecast; ``why`` where nobody can say."""

    job_id: int
    job: str
    title: str
    customer: str
    due: Due | None
    done: str = ""
    is_late: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The start of a shift."""

    floor: Scene
    can_run: tuple[Verdict, ...]
    cannot: tuple[Verdict, ...]
    waiting: tuple[Waiting, ...]
    promises: tuple[Promise, ...]
    has_shifts: bool

    @property
    def here(self) -> tuple[Person, ...]:
        """Who is here: those first who have nothing to do."""
        return (*self.floor.idle, *self.floor.working)

    @property
    def lamps(self) -> tuple[Lamp, ...]:
        """The machines that something waits for, or that are down."""
        return tuple(lamp for lamp in self.floor.lamps if lamp.queue or lamp.is_down)


def plan(reading: Reading) -> Plan:
    """Return the start of a shift.

    Jobs are the first in dispatch order of those that have a step running, ready or paused. When
    they will be done is a forecast: the remaining planned minutes of their steps, in routing
    order, each machine working its queue in dispatch order, in the shifts of all days that are no
    holidays. See ``Forecast`` for what it leaves out.

    Queries: 1. Uses index: idx_job_steps_job_status.
    """
    floor = reading.scene()
    jobs = _first_jobs(floor)
    asked = _together(reading.asker, today())
    found = asked.ask(jobs=jobs)
    able: Able = asked.read_pairs(found.pop("able"))
    rows = {name: asked.read(name, answer) for name, answer in found.items()}
    can_be_done = {process_id for each in able.values() for process_id in each}
    verdicts = [_judge(card, floor, can_be_done) for card in floor.ready]
    return Plan(
        floor=floor,
        can_run=tuple(each for each in verdicts if not each.why),
        cannot=tuple(each for each in verdicts if each.why),
        waiting=_waiting(rows["steps"])[:WAITING_AT_MOST],
        promises=_promises(jobs, rows, able, floor),
        has_shifts=bool(rows["shifts"]),
    )


@lru_cache(maxsize=STATEMENTS_AT_MOST)
def _together(asker: Asker, day: date) -> Together:
    """Return what is asked of the ``jobs`` at hand, and of the shop's hours and machines."""
    steps = JobStep.objects.visible_to(asker.user).filter(
        is_one_of("job", "jobs"), status__in=STEP_OPEN
    )
    shifts = Shift.objects.filter(is_active=True).order_by("starts_at")
    return Together(
        {
            "steps": Question(steps.order_by("job_id", "sequence", "pk"), OPEN),
            "shifts": Question(shifts, ("starts_at", "ends_at")),
            # Of the whole shop: a job goes on where its reader supervises nothing.
            "able": Question(_machines_up(), ("pk", "can")),
            "holidays": Question(Holiday.objects.filter(date__gte=day), ("date",)),
        },
        stands=True,
    )


def _machines_up() -> "QuerySet[Machine]":
    """Return the machines that work can begin on, with what they can do."""
    up = Machine.objects.active().exclude(status=MachineStatus.DOWN)
    return with_abilities(up)[:MACHINES_AT_MOST]


def _hours(rows: Mapping[str, Sequence[Row]], now: datetime, *, enough: float) -> Hours:
    """Return when the shop works, from now on until so many minutes were worked."""
    shifts = [
        (time.fromisoformat(row["starts_at"]), time.fromisoformat(row["ends_at"]))
        for row in rows["shifts"]
    ]
    holidays = {date.fromisoformat(row["date"]) for row in rows["holidays"]}
    return Hours.of(shifts, holidays, now=now, zone=current_shop().zone, enough=enough)


def _first_jobs(floor: Scene) -> list[int]:
    """Return the jobs at hand, the first in dispatch order."""
    at_hand = [(card.order, card.job_id) for card in (*floor.ready, *floor.paused)]
    at_hand += [(work.order, work.job_id) for person in floor.working for work in person.works]
    return list(dict.fromkeys(job_id for _, job_id in sorted(at_hand)))[:JOBS_AT_MOST]


def _judge(card: Card, floor: Scene, can_be_done: AbstractSet[int]) -> Verdict:
    """Say who may do a ready step now, or why it cannot run.

    ``can_be_done`` are the processes for which a machine is up.
    """
    why = _machine_lacks(card, floor, can_be_done)
    if why:
        return Verdict(card, why=why)
    here = (*floor.idle, *floor.working)
    if card.assigned_to_id is not None:
        is_here = any(person.pk == card.assigned_to_id for person in here)
        # Of a shop that is larger than the page, not everybody who is here is known.
        if is_here or floor.more & {"idle", "logs"}:
            return Verdict(card, who=(card.assigned_to,))
        return Verdict(
            card, why=_("%(user)s has it, and was not seen today") % {"user": card.assigned_to}
        )
    able = [person.name for person in here if card.process_id in person.may]
    if not able:
        return Verdict(card, why=_("nobody here works on %(process)s") % {"process": card.process})
    return Verdict(card, who=tuple(able[:WHO_AT_MOST]), more=max(len(able) - WHO_AT_MOST, 0))


def _machine_lacks(card: Card, floor: Scene, can_be_done: AbstractSet[int]) -> str:
    """Return why there is no machine for a step; nothing if there is."""
    if card.is_down:
        down = next((lamp for lamp in floor.lamps if lamp.pk == card.machine_id), None)
        if down is None or not down.reason:
            return _("%(machine)s is down") % {"machine": card.machine}
        said = {"machine": card.machine, "reason": down.reason, "since": down.since}
        return _("%(machine)s is down since %(since)s: %(reason)s") % said
    lacks = card.machine_id is None and card.needs_machine and card.process_id not in can_be_done
    return _("no machine for %(process)s is up") % {"process": card.process} if lacks else ""


def _waiting(steps: Iterable[Row]) -> tuple[Waiting, ...]:
    """Return each job's next step that waits for others, and for which."""
    before: defaultdict[int, list[Row]] = defaultdict(list)
    found: dict[int, Waiting] = {}
    for row in steps:
        job_id = row["job_id"]
        if row["status"] != StepStatus.PENDING:
            before[job_id].append(row)
        elif job_id not in found and before[job_id]:
            what = ", ".join(_state_of(each) for each in before[job_id])
            found[job_id] = Waiting(row["pk"], row["job__number"], row["process__name"], what)
    return tuple(found.values())


def _state_of(row: Row) -> str:
    """Return a step before as ``Laser cutting (in progress, Ayşe Kaya)``."""
    who = person_name(row, "assigned_to__")
    state = str(StepStatus(row["status"]).label).lower()
    words = _("%(process)s (%(state)s, %(user)s)") if who else _("%(process)s (%(state)s)")
    return words % {"process": row["process__name"], "state": state, "user": who}


def _promises(
    jobs: Sequence[int], rows: Mapping[str, Sequence[Row]], able: Able, floor: Scene
) -> tuple[Promise, ...]:
    """Return the jobs in the order given, each with when it will be done."""
    work = {row["pk"]: _work_of(row) for row in rows["steps"]}
    for person in floor.working:
        for each in person.works:
            work.setdefault(each.step_id, _work_going_on(each))
    forecast = Forecast(work.values(), able)
    clock = Clock(floor.now)
    hours = _hours(rows, floor.now, enough=max(forecast.done.values(), default=0))
    by_job: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows["steps"]:
        by_job[row["job_id"]].append(row)
    return tuple(
        _promise(by_job[job_id], forecast, hours, able, clock) for job_id in jobs if by_job[job_id]
    )


def _work_of(row: Row) -> Work:
    return Work(
        key=row["pk"],
        job_id=row["job_id"],
        sequence=row["sequence"],
        order=order_of(row["priority"], day_of(row["due_date"]), row["sequence"], row["pk"]),
        minutes=remaining_minutes(row["planned_minutes"], row["quantity_planned"], remaining(row)),
        process_id=row["process_id"],
        machine_id=row["machine_id"],
        needs_machine=row["process__needs_machine"],
        is_running=row["status"] == StepStatus.IN_PROGRESS,
    )


def _work_going_on(at: AtWork) -> Work:
    """Return work on a job that is not shown: until it is done, its machine is taken."""
    return Work(
        key=at.step_id,
        job_id=at.job_id,
        sequence=at.sequence,
        order=at.order,
        minutes=remaining_minutes(at.planned_minutes, at.planned, at.remaining),
        process_id=at.process_id,
        machine_id=at.machine_id,
        is_running=True,
    )


def _promise(
    rows: Sequence[Row],
    forecast: Forecast,
    hours: Hours,
    able: Able,
    clock: Clock,
) -> Promise:
    row = rows[0]
    due_date = day_of(row["due_date"])
    minutes = forecast.done.get(row["job_id"])
    done_at = None if minutes is None else hours.after(minutes)
    is_late = bool(done_at and due_date and done_at >= end_of(due_date))
    return Promise(
        job_id=row["job_id"],
        job=row["job__number"],
        title=row["job__title"],
        customer=row["job__customer__name"],
        due=clock.due(due_date),
        done=_when(done_at, clock) if done_at else "",
        is_late=is_late,
        why="" if done_at else _why_not(rows, able),
    )


def _why_not(rows: Iterable[Row], able: Able) -> str:
    """Return what holds a job up for longer than can be told."""
    for row in rows:
        machine_id = row["machine_id"]
        if machine_id is not None and machine_id not in able:
            words = (
                _("%(machine)s is down")
                if row["machine__status"] == MachineStatus.DOWN
                else _("%(machine)s is not in use")
            )
            return words % {"machine": machine_name(row)}
    return _("a machine that it needs is not up, or it takes more than a year")


def _when(instant: datetime, clock: Clock) -> str:
    """Return a forecast instant: ``14:40`` today, ``tomorrow 09:10``, else a day."""
    zone = current_shop().zone
    ahead = (instant.astimezone(zone).date() - clock.now.astimezone(zone).date()).days
    if ahead == 0:
        return _("today %(time)s") % {"time": clock.since(instant)}
    if ahead == 1:
        return _("tomorrow %(time)s") % {"time": f"{instant.astimezone(zone):%H:%M}"}
    return date_format(instant.astimezone(zone), pgettext("a day's format", "D j M"))
