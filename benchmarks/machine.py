"""What the figures come from: the machine, its programs, the data, and the day."""

import os
import platform
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import django
import psycopg

from benchmarks.databases import Database
from config.env import ROOT

_SETTINGS = ("shared_buffers", "fsync", "synchronous_commit", "track_io_timing")


def described(databases: list[Database]) -> Iterator[str]:
    """Return a line for each fact."""
    yield f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {_commit()}"
    cores, memory = len(os.sched_getaffinity(0)), _proc("meminfo", "MemTotal")
    gigabytes = int(memory.split()[0]) / 1024**2
    yield f"{_proc('cpuinfo', 'model name')}, {cores} cores, {gigabytes:.0f} GB of memory"
    (version,) = databases[0].ask("SHOW server_version")[0]
    named = databases[0].ask(
        "SELECT name || ' = ' || current_setting(name) FROM unnest(%s::text[]) name",
        [list(_SETTINGS)],
    )
    yield f"PostgreSQL {version} ({', '.join(str(text) for (text,) in named)})"
    yield (
        f"Python {platform.python_version()}, Django {django.__version__},"
        f" psycopg {psycopg.__version__}"
    )
    for database in databases:
        counted = ", ".join(f"{rows:,} {table}" for table, rows in database.rows().items())
        yield f"{database.size}: {counted}".replace("_", " ")


def load() -> str:
    """Return the load averages of the machine, of which this run itself is one."""
    return ", ".join(f"{each:.1f}" for each in os.getloadavg())


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    return done.stdout.strip() or "unknown"


def _proc(file: str, name: str) -> str:
    for line in Path("/proc", file).read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"
