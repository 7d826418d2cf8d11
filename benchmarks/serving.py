"""A build served over HTTP as production serves it, and people signed in to it."""

import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from benchmarks.bench import environ_of
from benchmarks.databases import Database
from config.env import ROOT

PATIENCE = 60.0  # Seconds.
FILES = 4_096  # Open at once: a thousand connections on either side.
PREFIX = "BENCHMARKS_KEY_PREFIX"  # Of what the processes of one server keep in Valkey together.


@contextmanager
def serving(build: str, database: Database, redis_url: str) -> Iterator[tuple[str, int]]:
    """Serve a build by gunicorn, configured as in production, on a free port; yield the place."""
    _allow_files()
    environ = environ_of(build, database, redis_url) | {PREFIX: uuid4().hex}
    command = [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py"]
    command += ["--bind", "127.0.0.1:0", "config.wsgi:application"]
    with tempfile.NamedTemporaryFile("w+", suffix=".log") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
        try:
            yield _place(server, Path(log.name))
        finally:
            server.terminate()
            server.wait(PATIENCE)


def sign_in(database: Database, redis_url: str, count: int) -> Mapping[str, list[str]]:
    """Open so many sessions; return the headers that say so.

    ``boards`` are browsers of who sees all jobs, ``tasks`` programs of who works on steps, and
    ``workers`` those of them that are another's each.
    """
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.signing_in", str(count)],
        check=True,
        cwd=ROOT,
        env=environ_of("andon", database, redis_url),
        stdout=subprocess.PIPE,
    )
    headers: dict[str, list[str]] = json.loads(done.stdout)
    return headers


def _place(server: "subprocess.Popen[bytes]", log: Path) -> tuple[str, int]:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        if said := re.search(r"Listening at: http://([0-9.]+):(\d+)", log.read_text()):
            return said[1], int(said[2])
        time.sleep(0.1)
    raise RuntimeError(f"It does not serve:\n{log.read_text()}")


def _allow_files() -> None:
    """Raise what this process, and the servers that it starts, may open, where it is less."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
    if now != resource.RLIM_INFINITY and now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
