"""The shop that jobs go through: its people, machines and routings, and the rows of all these."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from benchmarks.data.clock import Clock
from benchmarks.data.machines import Machine, able_machines, make_machines
from benchmarks.data.people import People, make_people
from benchmarks.data.routings import Routing, RoutingMaker, make_routings, routing_tables
from benchmarks.data.rows import Filled
from benchmarks.data.sizes import Size


@dataclass(frozen=True, slots=True)
class Office:
    """Who works on what by which routing; routings by their number of operations."""

    people: People
    machines: Sequence[Machine]
    routings: Mapping[int, Sequence[Routing]]


def make_office(
    rng: Random, size: Size, clock: Clock, roles: Mapping[str, int]
) -> tuple[Office, list[Filled]]:
    """Return the shop and its rows, but for the machines': what runs on them follows from jobs."""
    people, people_tables = make_people(rng, size, clock, roles)
    machines = make_machines(size.machines)
    routings = make_routings(rng, size, RoutingMaker(rng, able_machines(machines), people.workers))
    tables = [*people_tables, *routing_tables(rng, routings, clock)]
    return Office(people, machines, routings), tables
