"""The office's lists of big tables: first, deep, filtered and searched pages."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Model, QuerySet

from apps.core import paging
from apps.customers.models import Customer
from apps.jobs.models import Job, JobStep, WorkLog
from benchmarks.bench import Bench, Figures, Task
from benchmarks.subjects import manager
from benchmarks.table import Line, at_least, at_most, milliseconds
from benchmarks.work import Browser, Work

NUMBER = "P8"
CASE = __name__.rpartition(".")[2]
A_PAGE = 50
TRIED = 200


@dataclass(frozen=True, slots=True)
class List:
    """One list: its model, how it is filtered, and what is searched for in it.

    ``is_huge`` where the plain list is compared in time, else in SQL.
    """

    model: type[Model]
    filter: Callable[[], dict[str, Any]]
    term: Callable[[], str]
    is_huge: bool

    @property
    def address(self) -> str:
        """Return where it is."""
        meta = self.model._meta
        return f"/admin/{meta.app_label}/{meta.model_name}/"


def _filling(model: type[Job | Customer], order: str, text: str) -> str:
    """Return a word that finds at least a page: the first of the rows from the middle on."""
    rows = _ordered(model, order).values_list(text, flat=True)
    middle = model._default_manager.count() // 2
    for words in rows[middle : middle + TRIED]:
        for word in words.split():
            if len(model.objects.search(word)[:A_PAGE]) == A_PAGE:
                return str(word)
    raise LookupError(f"No word in the middle of {model._meta.db_table} finds a page.")


def _title() -> str:
    return _filling(Job, "-pk", "title")


def _name() -> str:
    return _filling(Customer, "name", "name")


def _number() -> str:
    job: Job = _middle(Job, "-pk")
    return job.number


def _middle(model: type[Model], *order: str) -> Any:
    rows = _ordered(model, *order)
    return rows[rows.count() // 2]


def _ordered(model: type[Model], *order: str) -> QuerySet[Any]:
    return model._default_manager.order_by(*paging.Order.of(model, order).order_by())


# Filtered by what most rows are; the customers by what few are.
LISTS: Mapping[str, List] = MappingProxyType(
    {
        "job steps": List(JobStep, lambda: {"status__exact": "completed"}, _title, is_huge=True),
        "work logs": List(WorkLog, lambda: {"kind__exact": "run"}, _number, is_huge=True),
        "jobs": List(Job, lambda: {"status__exact": "completed"}, _title, is_huge=False),
        "customers": List(Customer, lambda: {"is_active__exact": 0}, _name, is_huge=False),
    }
)


def deep(each: List) -> dict[str, Any]:
    """The page that begins in the middle, by the cursor that the page before it would carry."""
    names = cast("tuple[str, ...]", admin.site.get_model_admin(each.model).ordering)
    order = paging.Order.of(each.model, names)
    row = _middle(each.model, *names)
    query: paging.Query[Any] = paging.Query(each.model._default_manager.all(), order, "[]")
    return {"p": paging._encode(row, query, backward=False)}


def numbered(each: List) -> dict[str, Any]:
    """The page in the middle, by its number."""
    return {"p": each.model._default_manager.count() // 2 // 50}


# How each page is asked for. A plain list has the deep one by its number instead.
PAGES: Mapping[str, Callable[[List], dict[str, Any]]] = MappingProxyType(
    {
        "first": lambda _: {},
        "deep": deep,
        "filtered": lambda each: each.filter(),
        "searched": lambda each: {"q": each.term()},
    }
)
NUMBERED = "by number"


def opened(each: List, page: Callable[[List], dict[str, Any]]) -> Work:
    """Open a list's page as a manager."""
    browser, query = Browser(manager()), urlencode(page(each))
    return Work(do=lambda: browser.get(f"{each.address}?{query}"))


WORKS: Mapping[str, Callable[[], Work]] = MappingProxyType(
    {
        f"{name}, {page}": partial(opened, each, query)
        for name, each in LISTS.items()
        for page, query in (*PAGES.items(), (NUMBERED, numbered))
    }
)


def lines(bench: Bench) -> Iterator[Line]:
    """Compare each page with itself at the small size and with a plain ModelAdmin's."""
    for name, each in LISTS.items():
        for page in PAGES:
            work = f"{name}, {page}"
            plain = f"{name}, {NUMBERED}" if page == "deep" else work
            small, full, textbook = bench.measure(
                Task("andon", bench.small, CASE, work),
                Task("andon", bench.full, CASE, work),
                Task("textbook", bench.full, CASE, plain),
            )
            yield from _compared(work, small, full, textbook, in_time=each.is_huge)


def _compared(
    work: str, small: Figures, full: Figures, textbook: Figures, *, in_time: bool
) -> Iterator[Line]:
    ours = f"{milliseconds(full.wall)}, of it {milliseconds(full.sql)} SQL, {full.queries} queries"
    theirs = f"{milliseconds(textbook.wall)}, of it {milliseconds(textbook.sql)} SQL"
    own = full.wall / small.wall
    yield Line(NUMBER, work, own, "×", "itself at the small size", at_most(1.3), ours)
    if in_time:
        times, goal = textbook.wall / full.wall, "times faster"
    else:
        times, goal = textbook.sql / full.sql, "times less SQL"
    yield Line(NUMBER, work, times, goal, "than a plain ModelAdmin", at_least(20), theirs)
    share = 100 * full.sql / full.wall
    yield Line(NUMBER, f"{work}: SQL", share, "%", "of its page", at_most(20))
