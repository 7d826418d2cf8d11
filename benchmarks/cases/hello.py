"""A small answer of the API beside a bare Django hello: what signing in and the stack cost."""

from collections.abc import Callable, Iterator, Mapping
from itertools import cycle
from types import MappingProxyType

from benchmarks.bench import Bench, Task
from benchmarks.subjects import jobs_of_eight, manager
from benchmarks.table import Line, milliseconds
from benchmarks.work import Caller, Program, Work

NUMBER = "P3"
CASE = __name__.rpartition(".")[2]
HELLO, JOB, ME = "hello", "a job", "who is signed in"


def hello() -> Work:
    """The view that says hello."""
    caller = Caller({})
    return Work(do=lambda: caller.get("/hello/"))


def job() -> Work:
    """One job, by its key."""
    program, jobs = Program(manager()), cycle(jobs_of_eight())
    return Work(do=lambda: program.get(f"/api/v1/jobs/{next(jobs).pk}/"))


def me() -> Work:
    """Who is signed in, and what they may do."""
    program = Program(manager())
    return Work(do=lambda: program.get("/api/v1/auth/me/"))


WORKS: Mapping[str, Callable[[], Work]] = MappingProxyType({HELLO: hello, JOB: job, ME: me})


def lines(bench: Bench) -> Iterator[Line]:
    """Tell the ratios. They have no goal before answers are cached."""
    small = (JOB, ME)
    bare, *ours = bench.measure(
        Task("hello", bench.full, CASE, HELLO),
        *(Task("andon", bench.full, CASE, name) for name in small),
    )
    for name, one in zip(small, ours, strict=True):
        seen = (
            f"{milliseconds(one.cpu)} of {milliseconds(one.wall)}, {one.queries} queries;"
            f" hello: {milliseconds(bare.cpu)}"
        )
        yield Line(
            NUMBER,
            f"{name}, with a token, not cached: CPU",
            one.cpu / bare.cpu,
            "×",
            "a bare Django hello",
            seen=seen,
        )
