"""The measuring: workers side by side, taking turns, so that other loads fall on all alike."""

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median, median_high
from typing import Any, Self

from benchmarks.databases import Database
from config.env import ROOT

ENOUGH_SECONDS = 4.0  # Of measured time for each task.
FEWEST, MOST = 3, 60  # Samples.
LOAD_SECONDS = 60.0  # Of what is measured by a crowd.
TURN_SECONDS = 0.15
SLOW_SECONDS = 1.0  # Warmed up once instead of at each turn.
ONCE_SECONDS = 10.0  # Measured once, and not warmed up.
STATEMENT_TIMEOUT = 900  # Seconds: a textbook takes its time.
WITHOUT_END = 10**9  # Requests a minute.

OWNER_URL = "BENCHMARKS_OWNER_URL"  # For what only the owner may; a web process refuses the next.
_OWNER = "DATABASE_OWNER_URL"
SETTINGS = {
    "andon": "benchmarks.settings",
    "textbook": "benchmarks.textbook.settings",
    "hello": "benchmarks.hello.settings",
}


@dataclass(frozen=True, slots=True)
class Task:
    """A work of a case, done by a build (see SETTINGS) over a database."""

    build: str
    database: Database
    case: str
    work: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians of a task's samples, times in seconds.

    ``slow`` is the wall time that 95 of 100 keep, ``slow_sql`` their time in SQL.
    """

    wall: float
    slow: float
    cpu: float
    sql: float
    slow_sql: float
    queries: int
    samples: int


def environ_of(build: str, database: Database, redis_url: str) -> dict[str, str]:
    """Return the environment of a web process of a build over a database."""
    mine = {name: value for name, value in os.environ.items() if name != _OWNER}
    return mine | {
        "DJANGO_SETTINGS_MODULE": SETTINGS[build],
        "DATABASE_URL": database.url,
        "REDIS_URL": redis_url,
        "DB_STATEMENT_TIMEOUT": str(STATEMENT_TIMEOUT),
        "DB_POOL_MIN_CONNECTIONS": "1",
        # Counted as ever; but one user asks here what a whole shop does.
        "RATE_LIMIT_USER": str(WITHOUT_END),
        "RATE_LIMIT_ADDRESS": str(WITHOUT_END),
        "ANDON_PROCESS": "web",
        "LOG_LEVEL": "ERROR",
    }


class Worker:
    """A process for one build over one database."""

    def __init__(self, build: str, database: Database, redis_url: str) -> None:
        owner = {OWNER_URL: database.owner_url or database.url}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environ_of(build, database, redis_url) | owner,
            cwd=ROOT,
        )

    def ask(self, **order: Any) -> dict[str, Any]:
        """Give an order, and return its answer. Raises: RuntimeError, with the worker's words."""
        orders, answers = self._process.stdin, self._process.stdout
        if orders is None or answers is None:
            raise RuntimeError("The worker has no pipes.")
        orders.write(f"{json.dumps(order)}\n")
        orders.flush()
        line = answers.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"error": "It ended."}
        if "error" in answer:
            raise RuntimeError(f"A worker failed at {order}:\n{answer['error']}")
        return answer

    def stop(self) -> None:
        """Let it end."""
        self._process.communicate()


@dataclass
class Bench:
    """Workers, started when first needed, and what every case measures with."""

    redis_url: str
    small: Database
    full: Database
    seconds: float = LOAD_SECONDS
    _workers: dict[tuple[str, str], Worker] = field(default_factory=dict)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers.values():
            worker.stop()

    def measure(self, *tasks: Task) -> list[Figures]:
        """Measure tasks in turns; return their figures in the given order."""
        races = [_Race(self._worker(task), task) for task in tasks]
        while waiting := [race for race in races if not race.is_done]:
            for race in waiting:
                race.take_turn()
        return [race.figures() for race in races]

    def touched(self, task: Task) -> dict[str, Any]:
        """Return the ``buffers`` a task's reads touch, and their ``seconds`` in the server."""
        return self._worker(task).ask(case=task.case, work=task.work, times=0, warm=False)

    def _worker(self, task: Task) -> Worker:
        key = task.build, task.database.url
        if key not in self._workers:
            self._workers[key] = Worker(task.build, task.database, self.redis_url)
        return self._workers[key]


class _Race:
    """One task among others: how far its measuring is."""

    def __init__(self, worker: Worker, task: Task) -> None:
        self._worker, self._task = worker, task
        (first,) = self._ask(times=1, warm=False)  # It warms everything up.
        self._wall: float = first["wall"]
        self._samples: list[dict[str, Any]] = [first] if self._is_endless else []

    @property
    def _is_endless(self) -> bool:
        return self._wall >= ONCE_SECONDS

    @property
    def is_done(self) -> bool:
        if self._is_endless:
            return True
        spent = sum(sample["wall"] for sample in self._samples)
        count = len(self._samples)
        return count >= MOST or (count >= FEWEST and spent >= ENOUGH_SECONDS)

    def take_turn(self) -> None:
        times = max(1, min(5, int(TURN_SECONDS / max(self._wall, 1e-6))))
        self._samples += self._ask(times=times, warm=self._wall < SLOW_SECONDS)
        self._wall = self._samples[-1]["wall"]

    def figures(self) -> Figures:
        return summed_up(self._samples)

    def _ask(self, **how: Any) -> Any:
        return self._worker.ask(case=self._task.case, work=self._task.work, **how)["samples"]


def summed_up(samples: Iterable[Mapping[str, Any]]) -> Figures:
    """Return the medians of samples."""
    taken = list(samples)
    wall, cpu, sql = (median(each[name] for each in taken) for name in ("wall", "cpu", "sql"))
    queries = median_high(each["queries"] for each in taken)
    slow, slow_sql = (_of_95(each[name] for each in taken) for name in ("wall", "sql"))
    return Figures(wall, slow, cpu, sql, slow_sql, queries, len(taken))


def _of_95(times: Iterable[float]) -> float:
    """Return what 95 of 100 keep."""
    sorted_times = sorted(times)
    return sorted_times[math.ceil(0.95 * len(sorted_times)) - 1]
