"""The API's big lists, fifty to a page with their labels: beside a floor and a textbook."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType

from benchmarks.bench import Bench, Figures, Task
from benchmarks.floor import LISTS, connect, floor
from benchmarks.subjects import manager
from benchmarks.table import Line, at_least, at_most, milliseconds
from benchmarks.work import Program, Work

NUMBER = "P4"
CASE = __name__.rpartition(".")[2]
FLOOR, TEXTBOOK = "the floor", "a textbook's"


def ours(name: str) -> Work:
    """The first page as a manager's program gets it: the whole stack."""
    program = Program(manager())
    return Work(do=lambda: program.get(_address(name)))


def bare(name: str) -> Work:
    """The same records by the floor. Raises: ValueError where it tells anything else."""
    program = Program(manager(), floor(name, connect()))
    told, due = (json.loads(each.get(_address(name))) for each in (program, Program(manager())))
    if told["results"] != due["results"] or bool(told["next"]) != bool(due["next"]):
        raise ValueError(f"The floor's {name} are not what ours are.")
    return Work(do=lambda: program.get(_address(name)))


def textbook(name: str) -> Work:
    """The first page of a textbook's viewset."""
    program = Program(manager())
    return Work(do=lambda: program.get(f"/api/{name}/"))


def _address(name: str) -> str:
    return f"/api/v1/{name}/"


WORKS: Mapping[str, Callable[[], Work]] = MappingProxyType(
    {name: partial(ours, name) for name in LISTS}
    | {f"{name}, {FLOOR}": partial(bare, name) for name in LISTS}
    | {f"{name}, {TEXTBOOK}": partial(textbook, name) for name in LISTS}
)


def lines(bench: Bench) -> Iterator[Line]:
    """Compare each list, in processor time and in time that passes."""
    for name in LISTS:
        one, least, theirs = bench.measure(
            Task("andon", bench.full, CASE, name),
            Task("andon", bench.full, CASE, f"{name}, {FLOOR}"),
            Task("textbook", bench.full, CASE, f"{name}, {TEXTBOOK}"),
        )
        yield from _compared(f"list of {name}", one, least, theirs)


def _compared(what: str, one: Figures, least: Figures, theirs: Figures) -> Iterator[Line]:
    for name, attribute in (("CPU", "cpu"), ("time", "wall")):
        ours, bare, book = (getattr(each, attribute) for each in (one, least, theirs))
        yield Line(
            NUMBER,
            f"{what}: {name}",
            ours / bare,
            "×",
            FLOOR,
            at_most(3),
            f"{milliseconds(ours)}; {FLOOR}: {milliseconds(bare)}",
        )
        yield Line(
            NUMBER,
            f"{what}: {name}",
            book / ours,
            "times less",
            "than a textbook's",
            at_least(5),
            f"{milliseconds(book)}, {theirs.queries} queries; ours: {one.queries}",
        )
