"""The rows of machines, what they can do, when they were down and why, and calls for help."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random

from apps.demo.floor import (
    DOWNTIME_NOTES,
    DOWNTIME_REASONS,
    MACHINES,
    SCRAP_REASONS,
    MachinePlan,
)
from apps.demo.incidents import HELP
from apps.machines.states import NOT_RECORDED, MachineStatus, ReasonKind
from benchmarks.data import shape
from benchmarks.data.clock import HOUR, Clock
from benchmarks.data.people import PROCESS_KEYS, People
from benchmarks.data.rows import Filled, Table, numbered

_RECORD = ("created_at", "updated_at", "version")
MACHINE_TABLE = Table(
    "machines",
    (
        *("id", "code", "name", "status", "capacity", "running_steps", "hourly_rate", "location"),
        *("is_active", *_RECORD),
    ),
)
MACHINE_PROCESS_TABLE = Table("machine_processes", ("id", "machine_id", "process_id"))
REASON_TABLE = Table("reasons", ("id", "kind", "code", "name", "is_active", *_RECORD))
DOWNTIME_TABLE = Table(
    "machine_downtimes",
    (
        *("id", "machine_id", "reason_id", "note", "started_at", "ended_at", "reported_by_id"),
        *_RECORD,
    ),
)
HELP_CALL_TABLE = Table(
    "help_calls",
    (
        *("id", "machine_id", "raised_by_id", "note", "raised_at", "answered_by_id"),
        *("answered_at", *_RECORD),
    ),
)
DOWNTIME_HOURS = (0.1, 0.3, 0.5, 1, 1, 2, 4, 8, 24)
REASONS = (
    *((ReasonKind.SCRAP, code, name) for code, name in SCRAP_REASONS.items()),
    *((ReasonKind.DOWNTIME, code, name) for code, name in DOWNTIME_REASONS.items()),
    *((kind, NOT_RECORDED, "Not recorded") for kind in ReasonKind),
)
REASON_KEYS = {(kind, code): key for key, (kind, code, _) in enumerate(REASONS, start=1)}
SCRAP_KEYS = tuple(str(key) for (kind, _), key in REASON_KEYS.items() if kind == ReasonKind.SCRAP)


@dataclass(slots=True)
class Machine:
    """A machine to be; ``running`` counts the steps in progress on it."""

    key: int
    code: str
    plan: MachinePlan
    is_down: bool
    running: int = 0

    @property
    def takes_more(self) -> bool:
        """Whether a further step can run on it."""
        return self.plan.capacity is None or self.running < self.plan.capacity

    @property
    def status(self) -> MachineStatus:
        """What follows from its downtimes and its steps."""
        if self.is_down:
            return MachineStatus.DOWN
        return MachineStatus.RUNNING if self.running else MachineStatus.IDLE


def make_machines(count: int) -> list[Machine]:
    """Return machines of every kind in turn; evenly spread, some of them are down."""
    down_every = round(1 / shape.MACHINES_DOWN)
    return [
        Machine(key, f"{plan.code.partition('-')[0]}-{key:03}", plan, key % down_every == 0)
        for key, plan in zip(range(1, count + 1), cycle(MACHINES), strict=False)
    ]


def able_machines(machines: Sequence[Machine]) -> Mapping[int, tuple[Machine, ...]]:
    """Return the machines that can do each process, by its key."""
    return {
        key: tuple(machine for machine in machines if code in machine.plan.processes)
        for code, key in PROCESS_KEYS.items()
    }


def machine_tables(
    rng: Random, machines: Sequence[Machine], clock: Clock, people: People
) -> list[Filled]:
    """Return the rows, once it is known what runs on each machine."""
    record = (clock.text(0), clock.text(0), 1)
    return [
        (
            MACHINE_TABLE,
            numbered(
                (
                    *(each.code, each.plan.name, each.status, each.plan.capacity, each.running),
                    *(each.plan.hourly_rate, each.plan.location, True, *record),
                )
                for each in machines
            ),
        ),
        (
            MACHINE_PROCESS_TABLE,
            numbered(
                (each.key, PROCESS_KEYS[code]) for each in machines for code in each.plan.processes
            ),
        ),
        (REASON_TABLE, numbered((*reason, True, *record) for reason in REASONS)),
        (
            DOWNTIME_TABLE,
            numbered(
                row for each in machines for row in _downtimes(rng, each, clock, people.operators)
            ),
        ),
        (HELP_CALL_TABLE, numbered(_help_calls(rng, machines, clock, people))),
    ]


def _downtimes(
    rng: Random, machine: Machine, clock: Clock, reporters: Sequence[str]
) -> Iterator[tuple[object, ...]]:
    """Yield downtimes that do not overlap: each in a stretch of the history of its own."""
    stretch = clock.end // shape.DOWNTIMES_PER_MACHINE
    for number in range(shape.DOWNTIMES_PER_MACHINE):
        is_open = machine.is_down and number == shape.DOWNTIMES_PER_MACHINE - 1
        length = int(rng.choice(DOWNTIME_HOURS) * HOUR)
        began = number * stretch + int(rng.random() * (stretch - length))
        if is_open:
            began = clock.end - length
        reason = rng.choice(tuple(DOWNTIME_REASONS))
        started, ended = clock.text(began), None if is_open else clock.text(began + length)
        yield (
            *(machine.key, REASON_KEYS[ReasonKind.DOWNTIME, reason]),
            *(rng.choice(DOWNTIME_NOTES[reason]), started, ended, rng.choice(reporters)),
            *(started, ended or started, 1),
        )


def _help_calls(
    rng: Random, machines: Sequence[Machine], clock: Clock, people: People
) -> Iterator[tuple[object, ...]]:
    """Yield calls at machines, oldest first; those of the last hour are open."""
    count = len(machines) * shape.HELP_CALLS_PER_MACHINE
    for number in range(1, count + 1):
        raised = clock.end * number // count
        answered = raised + int(rng.random() * HOUR)
        is_open = answered > clock.end
        yield (
            *(rng.choice(machines).key, rng.choice(people.operators), rng.choice(HELP)),
            clock.text(raised),
            None if is_open else rng.choice(people.supervisors),
            None if is_open else clock.text(answered),
            *(clock.text(raised), clock.text(min(answered, clock.end)), 1),
        )
