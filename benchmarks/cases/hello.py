"""A small answer of the API beside a bare Django hello: what signing in and the stack cost."""

from collections.abc import Callable, Iterator, Mapping
from itertools import cycle
from types import MappingProxyType

from apps.core.cache import one_moment
from apps.dashboards.api import kept
from apps.shop.selectors import today
from benchmarks.bench import Bench, Figures, Task
from benchmarks.subjects import jobs_of_eight, manager
from benchmarks.table import Line, at_most, milliseconds
from benchmarks.work import Browser, Caller, Program, Work

NUMBER = "P3"
CASE = __name__.rpartition(".")[2]
HELLO, BOOK = "hello", "a textbook's view"
CHART, ME, JOB = "a chart, kept", "who is signed in, kept", "a job, not kept"
BY_COOKIE = "a chart, kept, by a session's cookie"
READS = 100


def hello() -> Work:
    """The view that says hello."""
    caller = Caller({})
    return Work(do=lambda: caller.get("/hello/"))


def book() -> Work:
    """A view of Django REST framework behind a session, which does nothing either."""
    browser = Browser(manager())
    return Work(do=lambda: browser.get("/api/hello/"))


def chart() -> Work:
    """How many jobs there are of each status, with a token."""
    program = Program(manager())
    return Work(do=lambda: program.get("/api/v1/dashboard/charts/jobs-by-status/"))


def chart_by_cookie() -> Work:
    """The same for a page of ours."""
    browser = Browser(manager())
    return Work(do=lambda: browser.get("/api/v1/dashboard/charts/jobs-by-status/"))


def me() -> Work:
    """Who is signed in, and what they may do."""
    program = Program(manager())
    return Work(do=lambda: program.get("/api/v1/auth/me/"))


def job() -> Work:
    """One job, by its key."""
    program, jobs = Program(manager()), cycle(jobs_of_eight())
    return Work(do=lambda: program.get(f"/api/v1/jobs/{next(jobs).pk}/"))


def reads() -> Work:
    """A kept answer found READS times within a request."""
    day = today()

    def do() -> None:
        with one_moment():
            for _ in range(READS):
                kept.late_jobs(day)

    return Work(do=do)


WORKS: Mapping[str, Callable[[], Work]] = MappingProxyType(
    {
        HELLO: hello,
        BOOK: book,
        CHART: chart,
        BY_COOKIE: chart_by_cookie,
        ME: me,
        JOB: job,
        "reads": reads,
    }
)
# By what is kept for one who brings a token; the rest is for orientation.
GOALS = MappingProxyType({CHART: at_most(3.5), ME: at_most(3.5)})


def lines(bench: Bench) -> Iterator[Line]:
    """Tell the ratios, and what the kept read alone costs."""
    ours = (CHART, ME, BY_COOKIE, JOB)
    bare, theirs, found, *rest = bench.measure(
        Task("hello", bench.full, CASE, HELLO),
        Task("textbook", bench.full, CASE, BOOK),
        Task("andon", bench.full, CASE, "reads"),
        *(Task("andon", bench.full, CASE, name) for name in ours),
    )
    for name, one in zip(ours, rest, strict=True):
        yield _line(name, one, bare)
    yield _line(f"{BOOK} behind a session", theirs, bare)
    yield Line(
        NUMBER,
        "a kept answer, the read alone",
        1000 * found.wall / READS,
        "ms",
        "–",
        at_most(0.1),
    )


def _line(name: str, one: Figures, bare: Figures) -> Line:
    seen = (
        f"{milliseconds(one.cpu)} of {milliseconds(one.wall)}, {one.queries} queries;"
        f" hello: {milliseconds(bare.cpu)}"
    )
    goal = GOALS.get(name)
    return Line(NUMBER, f"{name}: CPU", one.cpu / bare.cpu, "×", "a bare Django hello", goal, seen)
