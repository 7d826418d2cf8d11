"""The rows of parts and routings: what jobs are made from."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from apps.demo.floor import PROCESSES
from apps.jobs.states import StartsAfter
from benchmarks.data import shape
from benchmarks.data.clock import Clock
from benchmarks.data.machines import Machine
from benchmarks.data.people import PROCESS_KEYS
from benchmarks.data.rows import NULL, Filled, Table, numbered
from benchmarks.data.sizes import Size
from benchmarks.data.words import INSTRUCTIONS, MATERIALS, PART_KINDS, PART_NOUNS, skewed

_RECORD = ("created_at", "updated_at", "version")
PART_TABLE = Table(
    "parts", ("id", "number", "revision", "name", "unit", "notes", "is_active", *_RECORD)
)
ROUTING_TABLE = Table("routings", ("id", "code", "name", "part_id", "notes", "is_active", *_RECORD))
ROUTING_STEP_TABLE = Table(
    "routing_steps",
    (
        *("id", "routing_id", "sequence", "process_id", "machine_id", "setup_minutes"),
        *("run_minutes_per_unit", "instructions", "starts_after", *_RECORD),
    ),
)
FIRST, LAST = ("SAW", "LAS"), "PCK"  # What a routing begins and ends with.
BETWEEN = tuple(each.code for each in PROCESSES if each.code not in {*FIRST, LAST})
MANUAL = frozenset(PROCESS_KEYS[each.code] for each in PROCESSES if not each.needs_machine)
SETUP_MINUTES = (5, 5, 10, 15, 20, 30, 45, 60)
RUN_THOUSANDTHS = (80, 260, 500, 1_000, 1_500, 2_400, 3_400, 5_100, 8_500, 15_000)  # Of a minute.
PART_OF_ITS_OWN = 0.3  # Routings that are of one part.
REVISIONS = ("", "", "A", "B", "C")


@dataclass(frozen=True, slots=True)
class Operation:
    """A routing's step. ``run`` is thousandths of a minute a piece.

    ``machines`` are the keys of those that a job's step runs on (one, where the routing names
    it), ``workers`` those of the operators who may execute it, ``text`` what its job steps have
    in common: sequence, process, instructions, what it waits for. All as COPY reads them.
    """

    sequence: int
    process: int
    machine: str
    machines: tuple[str, ...]
    workers: tuple[str, ...]
    setup: int
    run: int
    instructions: str
    starts_after: StartsAfter
    text: str

    def minutes(self, quantity: int) -> int:
        """Return the planned minutes of so many pieces: setup + ceil(run × quantity)."""
        return self.setup - -self.run * quantity // 1000


@dataclass(frozen=True, slots=True)
class Part:
    """A part to be."""

    key: int
    name: str


@dataclass(frozen=True, slots=True)
class Routing:
    """A routing to be, with the parts that are made by it."""

    key: int
    operations: tuple[Operation, ...]
    parts: tuple[Part, ...]


class RoutingMaker:
    """Makes routings of operations that the shop's machines and people can do."""

    def __init__(
        self,
        rng: Random,
        able: Mapping[int, Sequence[Machine]],
        workers: Mapping[int, tuple[str, ...]],
    ) -> None:
        self._rng = rng
        self._able = {key: tuple(str(each.key) for each in able[key]) for key in able}
        self._workers = workers

    def make(self, key: int, length: int, parts: tuple[Part, ...]) -> Routing:
        """Return a routing of so many operations."""
        rng = self._rng
        between = sorted(rng.choices(BETWEEN, k=max(length - 2, 0)), key=BETWEEN.index)
        codes = [rng.choice(FIRST), *between, LAST][-length:]
        operations: list[Operation] = []
        sequence = 0
        for code in codes:
            sequence += 0 if operations and rng.random() < shape.SIDE_BY_SIDE else 10
            operations.append(self._operation(sequence, PROCESS_KEYS[code]))
        return Routing(key, tuple(operations), parts)

    def _operation(self, sequence: int, process: int) -> Operation:
        rng = self._rng
        machines: tuple[str, ...] = (NULL,) if process in MANUAL else self._able[process]
        fixed = process in MANUAL or rng.random() < shape.FIXED_MACHINE
        machine = rng.choice(machines) if fixed else NULL
        is_told = rng.random() < shape.WITH_INSTRUCTIONS
        instructions = rng.choice(INSTRUCTIONS) if is_told else ""
        early = rng.random() < shape.FIRST_GOOD
        starts_after = StartsAfter.FIRST_GOOD if early else StartsAfter.FINISHED
        return Operation(
            sequence,
            process,
            machine,
            (machine,) if fixed else machines,
            self._workers[process],
            rng.choice(SETUP_MINUTES),
            rng.choice(RUN_THOUSANDTHS),
            instructions,
            starts_after,
            f"{sequence}\t{process}\t{instructions}\t{starts_after}",
        )


def make_routings(rng: Random, size: Size, maker: RoutingMaker) -> dict[int, list[Routing]]:
    """Return the routings by their number of operations, with all the parts among them."""
    counted = sum(shape.LENGTHS)
    lengths = [
        length
        for length, share in enumerate(shape.LENGTHS, start=1)
        for _ in range(max(1, size.routings * share // counted))
    ]
    parts = [Part(key, _part_name(rng)) for key in range(1, size.parts + 1)]
    routings: dict[int, list[Routing]] = defaultdict(list)
    for key, length in enumerate(lengths, start=1):
        made = tuple(parts[key - 1 :: len(lengths)])
        routings[length].append(maker.make(key, length, made))
    return routings


def routing_tables(
    rng: Random, routings: Mapping[int, Sequence[Routing]], clock: Clock
) -> list[Filled]:
    """Return the rows of parts, routings and their steps."""
    every = sorted((each for group in routings.values() for each in group), key=lambda r: r.key)
    parts = sorted((part for each in every for part in each.parts), key=lambda part: part.key)
    record = (clock.text(0), clock.text(0), 1)
    return [
        (PART_TABLE, numbered(_part(rng, part, record) for part in parts)),
        (ROUTING_TABLE, numbered(_routing(rng, each, record) for each in every)),
        (ROUTING_STEP_TABLE, numbered(row for each in every for row in _steps(each, record))),
    ]


def _part_name(rng: Random) -> str:
    noun, kind = skewed(rng, PART_NOUNS), skewed(rng, PART_KINDS)
    return f"{noun} {kind} {skewed(rng, MATERIALS)} {rng.randrange(8, 900)}x{rng.randrange(4, 400)}"


def _part(rng: Random, part: Part, record: tuple[object, ...]) -> tuple[object, ...]:
    number = f"{part.name[:3].upper()}-{part.key:06}"
    active = rng.random() > shape.RETIRED
    return (number, rng.choice(REVISIONS), part.name, "pcs", "", active, *record)


def _routing(rng: Random, routing: Routing, record: tuple[object, ...]) -> tuple[object, ...]:
    """Some routings belong to a part; the others are for whatever is made alike."""
    first = routing.parts[0]
    part = first.key if rng.random() < PART_OF_ITS_OWN else None
    active = rng.random() > shape.RETIRED
    return (f"R-{routing.key:05}", f"{first.name} routing", part, "", active, *record)


def _steps(routing: Routing, record: tuple[object, ...]) -> Iterator[tuple[object, ...]]:
    for each in routing.operations:
        yield (
            *(routing.key, each.sequence, each.process, each.machine, each.setup),
            *(each.run / 1000, each.instructions, each.starts_after, *record),
        )
