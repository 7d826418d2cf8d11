"""A thousand people at their boards and task lists, with others at work between, over HTTP."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from benchmarks.bench import Bench
from benchmarks.load import Person, Proxy, Seen, crowd, siege
from benchmarks.serving import serving, sign_in
from benchmarks.table import Line, at_least, at_most, milliseconds
from benchmarks.work import Work

NUMBER = "P9"
PEOPLE, WORKERS = 1_000, 60
EVERY, REST = 5.0, 8.0  # Seconds between two looks; between two deeds.
FEW, MANY = 16, 1_000  # Connections.
WARM_UP = 8  # Seconds, in which all have looked: they have been at work for a while.
SIEGE = 0.25  # Of the seconds of the crowd.
HIGHEST = 200  # Milliseconds.
BOARD, TASKS = "/board/", "/api/v1/tasks/"
BOOK_BOARD, BOOK_TASKS = "/api/board/", "/api/tasks/"
CACHE = "/api/v1/health/cache/"

WORKS: Mapping[str, Callable[[], Work]] = MappingProxyType({})  # All of it is done over HTTP.

Asked = list[tuple[Person, str]]
Place = tuple[str, int]
People = Mapping[str, Sequence[str]]


def lines(bench: Bench) -> Iterator[Line]:
    """Measure the crowd; then how much either build can serve, in turns; then connections."""
    people = sign_in(bench.full, bench.redis_url, PEOPLE)
    with (
        serving("andon", bench.full, bench.redis_url) as ours,
        serving("textbook", bench.full, bench.redis_url) as theirs,
    ):
        office = Person(people["boards"][0])
        lookers = _asked(people, BOARD, TASKS)
        workers = [Person(each) for each in people["workers"][:WORKERS]]
        _warm(ours, lookers)
        before = _hits(ours, office)
        looks, work = asyncio.run(
            crowd(ours, lookers, workers, every=EVERY, rest=REST, seconds=bench.seconds)
        )
        yield from _of_crowd(looks, work, bench.seconds)
        yield _hit_rate(before, _hits(ours, office))
        yield from _saturation(ours, theirs, people, bench.seconds * SIEGE)
        yield from _connections(ours, people, bench.seconds * SIEGE)


def _asked(people: People, board: str, tasks: str = "") -> Asked:
    """Return who asks what: some have a board before them, some their tasks."""
    boards = [(Person(each), board) for each in people["boards"]]
    lists = [(Person(each), tasks) for each in people["tasks"]]
    return [each for pair in zip(boards, lists, strict=True) for each in pair] if tasks else boards


def _of_crowd(looks: Seen, work: Seen, seconds: float) -> Iterator[Line]:
    who = f"{PEOPLE:,} people, {len(work.seconds) / seconds:.1f} requests of work a second"
    errors = looks.errors + work.errors
    yield Line(
        NUMBER,
        f"{who}: errors",
        errors.total(),
        "",
        "–",
        at_most(0),
        f"{len(looks.seconds):,} looks in {seconds:.0f} s, statuses {_told(looks.statuses)};"
        f" work {_told(work.statuses)}; errors {_told(errors)}",
    )
    middle, most, nearly_all = (looks.within(percent) for percent in (50, 95, 99))
    yield Line(
        NUMBER,
        f"{who}: 99 of 100 looks",
        1000 * nearly_all,
        "ms",
        "–",
        at_most(HIGHEST),
        f"half {milliseconds(middle)}, 95 of 100 {milliseconds(most)};"
        f" work: half {milliseconds(work.within(50))}, 99 of 100 {milliseconds(work.within(99))}",
    )


def _hit_rate(before: Mapping[str, int], after: Mapping[str, int]) -> Line:
    hits, misses = (after[name] - before[name] for name in ("hits", "misses"))
    rate = 100 * hits / max(1, hits + misses)
    return Line(
        NUMBER, "cached reads found", rate, "%", "–", at_least(85), f"{hits:,} of {hits + misses:,}"
    )


def _saturation(ours: Place, theirs: Place, people: People, seconds: float) -> Iterator[Line]:
    """Ask both builds the same, in turns: boards and tasks, as who has seen them before does."""
    andon, book = _asked(people, BOARD, TASKS), _asked(people, BOOK_BOARD, BOOK_TASKS)
    rates: dict[str, list[float]] = {"andon": [], "book": []}
    errors = 0
    for _ in range(2):
        for name, place, asked in (("andon", ours, andon), ("book", theirs, book)):
            rate, seen = asyncio.run(siege(place, asked, connections=FEW, seconds=seconds / 2))
            rates[name].append(rate)
            errors += seen.errors.total()
    mine, other = (sum(each) / 2 for each in (rates["andon"], rates["book"]))
    if not other:
        raise RuntimeError("The textbook's server answers nothing.")
    yield Line(
        NUMBER,
        f"most that is served of boards and tasks, {FEW} at a time",
        mine / other,
        "times more",
        "than a textbook's",
        at_least(3),
        f"{mine:.0f} a second; textbook: {other:.0f}; errors {errors}",
    )


def _connections(ours: Place, people: People, seconds: float) -> Iterator[Line]:
    asked = _asked(people, BOARD)
    few, many, errors = 0.0, 0.0, 0
    for _ in range(2):
        for connections in (FEW, MANY):
            rate, seen = asyncio.run(
                siege(ours, asked, connections=connections, seconds=seconds / 2)
            )
            errors += seen.errors.total()
            few, many = (few + rate / 2, many) if connections == FEW else (few, many + rate / 2)
    yield Line(
        NUMBER,
        f"the kept board, {MANY:,} connections",
        100 * many / few,
        "%",
        f"of what {FEW} get",
        at_least(80),
        f"{many:.0f} a second; {FEW}: {few:.0f}",
    )
    yield Line(NUMBER, f"the kept board, {MANY:,} connections: errors", errors, "", "–", at_most(0))


def _warm(place: Place, asked: Asked) -> None:
    asyncio.run(siege(place, asked, connections=FEW, seconds=WARM_UP))


def _hits(place: Place, office: Person) -> Mapping[str, int]:
    async def ask() -> Any:
        proxy = Proxy(*place)
        try:
            return (await proxy.ask(office.look(CACHE))).read()
        finally:
            proxy.close()

    told: Mapping[str, int] = asyncio.run(ask())["cache_stats"]
    return told


def _told(counts: Mapping[Any, int]) -> str:
    return ", ".join(f"{name}: {count:,}" for name, count in sorted(counts.items())) or "none"
