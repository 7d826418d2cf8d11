"""Starting: from a fresh clone to the first page, and again; the unit tests; the download."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from benchmarks.bench import Bench
from benchmarks.table import Line, at_most
from benchmarks.work import Work
from config.env import ROOT

NUMBER = "P12"
WORKS: Mapping[str, Callable[[], Work]] = MappingProxyType({})

PATIENCE_SECONDS = 600.0
PAGE = "/login/"
MEGABYTE = 1_000_000
# What would lead a clone to other servers, settings or packages than its own.
_OURS = (
    "DJANGO_SETTINGS_MODULE",
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "REDIS_URL",
    "CELERY_BROKER_URL",
    "ANDON_DATA",
    "VIRTUAL_ENV",
    "PYTHONPATH",
)
_STEP = re.compile(r"^ *([\d.]+) s  (.*)$", re.MULTILINE)
_SUMMARY = re.compile(r"^.*\d+ passed.* in [\d.]+s.*$", re.MULTILINE)


def lines(_bench: Bench) -> Iterator[Line]:
    """Start a clone twice, run the tests, and fetch what production runs on."""
    with TemporaryDirectory(prefix="andon-clone-") as name:
        clone = Path(name, "andon")
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        yield from _starts(clone)
    yield _unit_tests()
    yield _download()


def _starts(clone: Path) -> Iterator[Line]:
    with _started(clone) as (seconds, said):
        at = {text: float(second) for second, text in _STEP.findall(said)}
        installed = next(at[text] for text in at if text.startswith("Packages are installed"))
        began = next(at[text] for text in at if text.startswith("Installing "))
    installing = installed - began
    seen = f"{seconds:.1f} s, of which {installing:.1f} s installing"
    what = "bin/up in a fresh clone, to the first page, beyond installing"
    yield Line(NUMBER, what, seconds - installing, "s", "–", at_most(15), seen)
    with _started(clone) as (seconds, _):
        yield Line(NUMBER, "bin/up again, to the first page", seconds, "s", "–", at_most(8))


@contextmanager
def _started(clone: Path) -> Iterator[tuple[float, str]]:
    """Run ``bin/up``; yield the seconds until its first page, and what it said till then."""
    port, output = _free_port(), clone.with_name("output")
    environ = {name: value for name, value in os.environ.items() if name not in _OURS}
    with output.open("wb") as file:
        began = time.perf_counter()
        process = subprocess.Popen(
            ["bin/up"],
            cwd=clone,
            env=environ | {"ANDON_PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        try:
            while not _answers(port):
                if process.poll() is not None or time.perf_counter() - began > PATIENCE_SECONDS:
                    raise RuntimeError(f"bin/up did not get ready:\n{output.read_text()}")
                time.sleep(0.02)
            yield time.perf_counter() - began, output.read_text(encoding="utf-8")
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", PAGE)
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _unit_tests() -> Line:
    chosen = ["-n", "2", "--dist", "loadgroup", "-m", "not browser and not slow"]
    environ = {name: value for name, value in os.environ.items() if name != _OURS[0]}
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *chosen],
        check=False,
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
    )
    seconds = time.perf_counter() - began
    said = _SUMMARY.findall(done.stdout)
    if not said:
        raise RuntimeError(f"The tests came to no end:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return Line(NUMBER, "unit tests, two at a time", seconds, "s", "–", at_most(60), said[-1])


def _download() -> Line:
    """Fetch the wheels that a production process needs."""
    with TemporaryDirectory(prefix="andon-wheels-") as folder:
        lock = ROOT / "requirements/base.txt"
        options = ["--quiet", "--no-deps", "--require-hashes", "--disable-pip-version-check"]
        command = [sys.executable, "-m", "pip", "download", *options, "-d", folder, "-r", str(lock)]
        subprocess.run(command, check=True)
        sizes = [file.stat().st_size for file in Path(folder).iterdir()]
    megabytes = sum(sizes) / MEGABYTE
    return Line(
        NUMBER,
        "download of what production runs on",
        megabytes,
        "MB",
        "–",
        at_most(120),
        f"{len(sizes)} packages of requirements/base.txt",
    )
