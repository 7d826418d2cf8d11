"""Searches through the API for rare words, common ones, beginnings and nothing: beside a scan."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import cycle
from types import MappingProxyType
from urllib.parse import quote

from django.db.models import QuerySet

from apps.core.search import SHORTEST_TRIGRAM
from apps.customers.models import Customer
from benchmarks.bench import Bench, Task
from benchmarks.databases import Database
from benchmarks.floor import connect
from benchmarks.subjects import manager
from benchmarks.table import Line, at_least, at_most, milliseconds
from benchmarks.work import Program, Work

NUMBER = "P6"
CASE = __name__.rpartition(".")[2]
DOORS: Mapping[str, str] = MappingProxyType(
    {"customers": "/api/v1/customers/?search=", "everything": "/api/v1/search/?q="}
)
OF_A_KIND = 20
ASKED = 2_000
BIG = 5_000  # Rows. Less is read at once, with an index or without.
# What each door would do without an index.
SCANS: Mapping[str, str] = MappingProxyType(
    {
        "customers": "SELECT id FROM customers WHERE search_text ILIKE %(term)s",
        "everything": "SELECT id FROM customers WHERE search_text ILIKE %(term)s"
        " UNION ALL SELECT id FROM jobs WHERE search_text ILIKE %(term)s",
    }
)
SCANNED = "scanned"
# Of a common term the first rows of a table hold enough: the planner reads those, and stops.
LOOKED_AT = 0.01
MANY, COMMONEST, EACH = "any term", "the commonest letters", "each term"


@cache
def texts() -> Sequence[str]:
    """Return what is searched, of customers that are spread evenly over all."""
    rows: QuerySet[Customer] = Customer.objects.order_by("pk")
    step = max(1, rows.count() // ASKED)
    keys = [*rows.values_list("pk", flat=True)][::step]
    return [*rows.filter(pk__in=keys).values_list("search_text", flat=True)]


@cache
def terms() -> Sequence[str]:
    """Return what is searched for: the same each time for the same data."""
    return chosen(texts())


def chosen(some: Sequence[str]) -> Sequence[str]:
    """Return terms of each kind, mixed: common, rare, one or two letters, inner ones, none's."""
    dice = random.Random(1)  # noqa: S311 - data
    words = Counter(word for text in some for word in text.split() if word.isalpha())
    found = [word for word, _ in words.most_common()]
    letters = [word[: dice.choice((1, 2))] for word in dice.choices(found, k=OF_A_KIND)]
    parts = [word[1:4] for word in found if len(word) > SHORTEST_TRIGRAM]
    common, rare = found[:OF_A_KIND], found[-OF_A_KIND:]
    nothing = ["".join(dice.choices("bcdfghjklmnpqrstvwxz", k=8)) for _ in range(OF_A_KIND)]
    inner = dice.choices(parts, k=OF_A_KIND)
    mixed = [*common, *rare, *letters, *nothing, *inner]
    dice.shuffle(mixed)
    return mixed


def commonest_of(some: Sequence[str]) -> str:
    """Return the three letters in a row that most texts have."""
    counted = Counter(
        letters
        for text in some
        for letters in {text[at : at + SHORTEST_TRIGRAM] for at in range(len(text))}
        if letters.isalpha() and len(letters) == SHORTEST_TRIGRAM
    )
    return counted.most_common(1)[0][0]


def searched(door: str, wanted: Callable[[], Sequence[str]]) -> Work:
    """Search for one term after another."""
    program, asked = Program(manager()), cycle(wanted())
    return Work(do=lambda: program.get(f"{DOORS[door]}{quote(next(asked))}"))


def each(door: str, wanted: Callable[[], Sequence[str]]) -> Work:
    """Search for all of the terms: that every plan is seen."""
    program = Program(manager())

    def do() -> None:
        for term in wanted():
            program.get(f"{DOORS[door]}{quote(term)}")

    return Work(do=do)


def scanned(door: str, wanted: Callable[[], Sequence[str]]) -> Work:
    """Look at every record for one term after another."""
    bare, asked = connect(), cycle(wanted())
    bare.execute("SET enable_bitmapscan = off")
    bare.execute("SET enable_indexscan = off")
    sql = SCANS[door]
    return Work(do=lambda: bare.execute(sql, {"term": f"%{next(asked)}%"}).fetchall())


def _commonest() -> Sequence[str]:
    return [commonest_of(texts())]


WORKS: Mapping[str, Callable[[], Work]] = MappingProxyType(
    {f"{door}, {MANY}": partial(searched, door, terms) for door in DOORS}
    | {f"{door}, {COMMONEST}": partial(searched, door, _commonest) for door in DOORS}
    | {f"{door}, {EACH}": partial(each, door, terms) for door in DOORS}
    | {f"{door}, {MANY}, {SCANNED}": partial(scanned, door, terms) for door in DOORS}
    | {f"{door}, {COMMONEST}, {SCANNED}": partial(scanned, door, _commonest) for door in DOORS}
)


def _rows(database: Database, table: str) -> int:
    ((count,),) = database.ask(f"SELECT count(*) FROM {table}")  # noqa: S608 - a name of ours
    return int(str(count))


def lines(bench: Bench) -> Iterator[Line]:
    """Compare the slow ones of many searches, and that for the commonest letters, with a scan.

    SQL with SQL: the scan answers no request.
    """
    for door in DOORS:
        for kind, less in ((MANY, 100), (COMMONEST, 20)):
            work = f"{door}, {kind}"
            ours, scan = bench.measure(
                Task("andon", bench.full, CASE, work),
                Task("andon", bench.full, CASE, f"{work}, {SCANNED}"),
            )
            yield Line(
                NUMBER,
                f"search of {door}, {kind}: SQL of 95 of 100",
                scan.wall / ours.slow_sql,
                "times less",
                "than a scan",
                at_least(less),
                f"{milliseconds(ours.slow_sql)}, median {milliseconds(ours.sql)}; whole request"
                f" {milliseconds(ours.slow)} and {milliseconds(ours.wall)};"
                f" scan: {milliseconds(scan.wall)}",
            )
        found = bench.touched(Task("andon", bench.full, CASE, f"{door}, {EACH}"))["scanned"]
        sizes = {table: _rows(bench.full, table) for table in found}
        big = {table: rows for table, rows in found.items() if sizes[table] > BIG}
        shares = [100 * rows / sizes[table] for table, rows in big.items()]
        yield Line(
            NUMBER,
            f"search of {door}, {5 * OF_A_KIND} terms: looked at without an index",
            max(shares, default=0),
            "%",
            "of a table",
            at_most(100 * LOOKED_AT),
            ", ".join(f"{rows:,} {table}" for table, rows in big.items()) or "none",
        )
