"""What counting costs who writes: service calls beside themselves with nothing counted."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from functools import cache, partial
from math import ceil
from types import MappingProxyType

from apps.core.acting import Source, acting_as
from apps.jobs import services
from apps.jobs.models import JobStep, WorkLog
from apps.jobs.services import Report
from benchmarks.bench import Bench, Task
from benchmarks.databases import Database
from benchmarks.subjects import all_running, startable
from benchmarks.table import Line, at_least, at_most, milliseconds
from benchmarks.triggers import without_triggers
from benchmarks.work import Work
from config.env import ROOT

NUMBER = "P2"
CASE = __name__.rpartition(".")[2]
UNCOUNTED = ", uncounted"
WRITERS = 8
CALLS = 10  # Of each writer.
# Taking triggers out and in again has PostgreSQL plan what they do anew: five times for a call, and
# then as for all (plancache.c). No shop alters its tables between two calls.
PLANNED_AFTER = 8

_uncounted = partial(without_triggers, "pgtrigger_count_")
_DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
_PIECE = Report(good=1, allow_over=True)


def start(*, counted: bool) -> Work:
    """Start a step, and so count a step, a machine and an open log anew."""
    step, operator = startable()

    def do() -> None:
        with acting_as(operator.pk, Source.TASKS):
            services.start_step(step.pk, actor=operator)

    def put_back() -> None:
        services.undo_step(step.pk, actor=operator)

    return Work(
        do=do,
        put_back=put_back,
        turn=partial(_turn, do, put_back, 1, counted=counted),
    )


def report(*, counted: bool) -> Work:
    """Report one good piece, and so add to what was made."""
    return _reporting(1, 1, counted=counted)


def eight_writers(*, counted: bool) -> Work:
    """Report pieces of eight steps at once, which all add to the same day's output."""
    return _reporting(WRITERS, CALLS, counted=counted)


def _reporting(writers: int, calls: int, *, counted: bool) -> Work:
    logs = all_running(writers)

    def write(log: WorkLog) -> None:
        with acting_as(log.user_id, Source.TASKS):
            for _ in range(calls):
                services.report_step(log.step_id, _PIECE, actor=log.user)

    def put_back() -> None:
        for log in logs:
            JobStep.objects.filter(pk=log.step_id).update(quantity_good=log.step.quantity_good)
            WorkLog.objects.filter(pk=log.pk).update(quantity_good=log.quantity_good)

    def do() -> None:
        if writers == 1:
            write(logs[0])
        else:
            list(_threads().map(write, logs))

    return Work(do, put_back, turn=partial(_turn, do, put_back, calls, counted=counted))


@contextmanager
def _turn(
    do: Callable[[], object], put_back: Callable[[], object], calls: int, *, counted: bool
) -> Iterator[None]:
    with nullcontext() if counted else _uncounted():
        for _ in range(ceil(PLANNED_AFTER / calls)):
            do()
            put_back()
        yield


@cache
def _threads() -> ThreadPoolExecutor:
    """Return the writers' threads: each keeps a connection, and the pool has ten."""
    return ThreadPoolExecutor(WRITERS)


NAMES = MappingProxyType({"start": start, "report": report, "eight writers": eight_writers})
WORKS: Mapping[str, Callable[[], Work]] = MappingProxyType(
    {
        f"{name}{'' if counted else UNCOUNTED}": partial(call, counted=counted)
        for name, call in NAMES.items()
        for counted in (True, False)
    }
)


def lines(bench: Bench) -> Iterator[Line]:
    """Compare calls and throughput with themselves while nothing is counted; then check all."""
    (before,) = bench.full.ask(_DEADLOCKS)
    for name in ("start", "report"):
        counted, bare = bench.measure(*_both(bench, name))
        yield Line(
            NUMBER,
            f"the service call to {name} a step, audited and counted",
            100 * (counted.wall / bare.wall - 1),
            "% more",
            "than uncounted",
            at_most(5),
            f"{milliseconds(counted.wall)}; uncounted: {milliseconds(bare.wall)};"
            f" SQL {milliseconds(counted.sql)}; uncounted: {milliseconds(bare.sql)}",
        )
    counted, bare = bench.measure(*_both(bench, "eight writers"))
    rate, bare_rate = (WRITERS * CALLS / each.wall for each in (counted, bare))
    yield Line(
        NUMBER,
        "eight writers' service calls",
        100 * rate / bare_rate,
        "%",
        "of those uncounted",
        at_least(95),
        f"{rate:.0f} a second; uncounted: {bare_rate:.0f}",
    )
    (after,) = bench.full.ask(_DEADLOCKS)
    deadlocks = int(str(after[0])) - int(str(before[0]))
    yield Line(NUMBER, "deadlocks meanwhile", deadlocks, "", "–", at_most(0))
    yield Line(
        NUMBER, "keys that do not say what the rows say", _wrong(bench.full), "", "–", at_most(0)
    )


def _both(bench: Bench, name: str) -> tuple[Task, Task]:
    return (
        Task("andon", bench.full, CASE, name),
        Task("andon", bench.full, CASE, f"{name}{UNCOUNTED}"),
    )


def _wrong(database: Database) -> int:
    """Return how many keys of counters differ from the rows. Raises: RuntimeError."""
    environ = {**os.environ, **database.environ(), "DJANGO_SETTINGS_MODULE": "benchmarks.settings"}
    done = subprocess.run(
        [sys.executable, "manage.py", "verify_counters"],
        check=False,
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
    )
    if not done.returncode:
        return 0
    if said := re.search(r"([0-9,]+) keys are wrong", done.stderr):
        return int(said[1].replace(",", ""))
    raise RuntimeError(done.stderr)
