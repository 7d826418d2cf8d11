"""A page of the API nine tenths down a list, beside the first: the same cost, in any order."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from apps.api.listing import LIMIT
from apps.api.records import RecordView
from apps.core import paging
from apps.customers.api.views import CustomerView
from apps.jobs.api.jobs import JobView
from apps.jobs.api.steps import JobStepView
from benchmarks.bench import Bench, Task
from benchmarks.subjects import manager
from benchmarks.table import Line, at_most, milliseconds
from benchmarks.work import Program, Work

NUMBER = "P5"
CASE = __name__.rpartition(".")[2]
DEPTH = 0.9
# Keys are chosen with as many buffers at any depth; the rows that they name lie closer together,
# or further apart, and so do their labels.
SCATTERED = 1.2
VIEWS: Mapping[str, type[RecordView[Any]]] = MappingProxyType(
    {"jobs": JobView, "job-steps": JobStepView, "customers": CustomerView}
)
ORDERS = (
    ("jobs", "-id"),
    ("jobs", "due_date"),
    ("jobs", "-due_date"),
    ("jobs", "-updated_at"),
    ("job-steps", "-id"),
    ("job-steps", "created_at"),
    ("job-steps", "-created_at"),
    ("customers", "-id"),
    ("customers", "name"),
)
FIRST, DEEP, NUMBERED = "first", "deep", "by number"


def first(name: str, ordering: str) -> Work:
    """The first page."""
    return _opened(name, {"ordering": ordering})


def deep(name: str, ordering: str) -> Work:
    """The page at DEPTH."""
    return _opened(name, {"ordering": ordering, "cursor": cursor(name, ordering, DEPTH)})


def numbered(name: str, depth: float) -> Work:
    """A textbook's page at a depth, by its number."""
    program = Program(manager())
    pages = VIEWS[name].model._default_manager.count() // LIMIT
    return Work(do=lambda: program.get(f"/api/{name}/?page={max(1, int(depth * pages))}"))


def cursor(name: str, ordering: str, depth: float) -> str:
    """Return the cursor that the page before the one at a depth would carry."""
    listing = VIEWS[name].listing
    asked = listing.read(QueryDict(urlencode({"ordering": ordering})))
    query, _ = listing._query(listing.source, asked)
    keys = query.rows.order_by(*query.order.order_by()).values_list("pk", flat=True)
    key = keys[int(depth * query.rows.count())]
    (row,) = query.fetch(listing.source.filter(pk=key))
    return paging._encode(row, query, backward=False)


def _opened(name: str, asked: Mapping[str, str]) -> Work:
    program, address = Program(manager()), f"/api/v1/{name}/?{urlencode(asked)}"
    return Work(do=lambda: program.get(address))


WORKS: Mapping[str, Callable[[], Work]] = MappingProxyType(
    {f"{each}, {FIRST}": partial(first, *each) for each in ORDERS}
    | {f"{each}, {DEEP}": partial(deep, *each) for each in ORDERS}
    | {f"{name}, {NUMBERED}, {FIRST}": partial(numbered, name, 0) for name in VIEWS}
    | {f"{name}, {NUMBERED}, {DEEP}": partial(numbered, name, DEPTH) for name in VIEWS}
)


def lines(bench: Bench) -> Iterator[Line]:
    """Compare each deep page with the first, in time and in buffers; and a textbook's with its."""
    for each in ORDERS:
        tasks = [Task("andon", bench.full, CASE, f"{each}, {place}") for place in (FIRST, DEEP)]
        top, down = bench.measure(*tasks)
        before, after = (bench.touched(task)["buffers"] for task in tasks)
        what = f"{each[0]} by {each[1]}, nine tenths down"
        seen = f"{milliseconds(down.wall)}; first: {milliseconds(top.wall)}"
        yield Line(NUMBER, what, down.wall / top.wall, "×", "the first page", at_most(1.3), seen)
        yield Line(
            NUMBER,
            f"{what}: buffers",
            after / before,
            "×",
            "the first page",
            at_most(SCATTERED),
            f"{before:,} → {after:,} buffers",
        )
    for name in VIEWS:
        top, down = bench.measure(
            *(
                Task("textbook", bench.full, CASE, f"{name}, {NUMBERED}, {place}")
                for place in (FIRST, DEEP)
            )
        )
        yield Line(
            NUMBER,
            f"a textbook's {name}, nine tenths down",
            down.wall / top.wall,
            "×",
            "its first page",
            seen=f"{milliseconds(down.wall)}; first: {milliseconds(top.wall)}",
        )
