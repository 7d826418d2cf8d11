"""Andon as a process of its own, as `bin/up` starts it, and a client that keeps cookies."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit, urlunsplit
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

from redis import Redis

from tests.factories import PASSWORD

ROOT = Path(__file__).parents[2]
PATIENCE = 30  # Seconds.


CACHES, BROKERS = 8, 12  # Databases from here on, apart from those of the tests themselves.


def own_redis(first: int = CACHES) -> str:
    """Return the address of a database of this test worker's own, as the cache spells it."""
    url, number = urlsplit(os.environ["REDIS_URL"]), _own_number(first)
    if url.scheme != "unix":
        return urlunsplit(url._replace(path=f"/{number}"))
    return f"unix://{url.path}?db={number}"


def own_broker() -> str:
    """Return the same for the queue, as Celery spells it."""
    url = urlsplit(own_redis(BROKERS))
    if url.scheme != "unix":
        return urlunsplit(url)
    return f"redis+socket://{url.path}?virtual_host={_own_number(BROKERS)}"


def database_urls(name: str) -> dict[str, str]:
    """Return the variables that lead to a database of the tests' server: its owner's too."""
    return {
        variable: urlunsplit(urlsplit(os.environ[variable])._replace(path=f"/{quote(name)}"))
        for variable in ("DATABASE_URL", "DATABASE_OWNER_URL")
        if os.environ.get(variable)
    }


def _own_number(first: int) -> int:
    return first + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 4


def environ(settings: str, **variables: str) -> dict[str, str]:
    """Return the environment of a process that no test runs in, and that is not the owner's.

    Its cache is emptied: emptied tables count their keys anew, so what an earlier test's process
    kept of its role 4 is not true of this one's.
    """
    Redis.from_url(own_redis()).flushdb()
    inherited = {
        name: value
        for name, value in os.environ.items()
        if "PYTEST" not in name and name != "DATABASE_OWNER_URL"
    }
    return {
        **inherited,
        "DJANGO_SETTINGS_MODULE": settings,
        "REDIS_URL": own_redis(),
        "CELERY_BROKER_URL": own_broker(),
        "PYTHONUNBUFFERED": "1",
        **variables,
    }


FORKING = """
import json, os, sys, traceback
import django
from django.core.management import execute_from_command_line
django.setup()
for line in sys.stdin:
    order = json.loads(line)
    if child := os.fork():
        print(os.waitpid(child, 0)[1], flush=True)
        continue
    failed = 1
    with open(order["output"], "w") as sys.stdout:
        sys.stderr = sys.stdout
        try:
            if "command" in order:
                execute_from_command_line(["manage.py", *order["command"]])
            else:
                exec(order["script"], {"__name__": "__main__"})
            failed = 0
        except BaseException:
            traceback.print_exc()
    os._exit(failed)
"""


class Shell:
    """`manage.py`, and its shell, in a process that has loaded Django once and forks for each."""

    def __init__(self, env: Mapping[str, str], folder: Path) -> None:
        self.env = env
        self.output = folder / "shell.txt"
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-c", FORKING],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def manage(self, *command: str) -> str:
        """Run a management command; return what it printed."""
        return self._order(command=command)

    def run(self, script: str) -> str:
        """Run what one would paste into `manage.py shell`; return what it printed."""
        return self._order(script=script)

    def close(self) -> None:
        self.process.communicate(timeout=PATIENCE)

    def _order(self, **order: object) -> str:
        line = json.dumps({**order, "output": str(self.output)})
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        failed = self.process.stdout.readline()
        printed = self.output.read_text()
        assert failed.strip() == "0", printed
        return printed


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_args, **_kwargs):
        return None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the site answered."""

    status: int
    headers: Mapping[str, str]
    body: str
    seconds: float


@dataclass(slots=True)
class Client:
    """A browser without a window."""

    base: str
    cookies: CookieJar = field(default_factory=CookieJar)

    def get(self, path: str, **headers: str) -> Answer:
        return self._send(path, None, headers)

    def post(self, path: str, **fields: str) -> Answer:
        token = next(each.value for each in self.cookies if each.name == "csrftoken")
        data = urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
        return self._send(path, data, {})

    def sign_in(self, username: str) -> None:
        self.get("/login/")
        answer = self.post("/login/", username=username, password=PASSWORD)
        assert answer.status == 302, answer

    def _send(self, path: str, data: bytes | None, headers: Mapping[str, str]) -> Answer:
        request = Request(self.base + path, data, {**headers})  # noqa: S310 - our own address
        opener = build_opener(HTTPCookieProcessor(self.cookies), _Stay)
        began = time.monotonic()
        try:
            answer = opener.open(request, timeout=PATIENCE)
        except HTTPError as error:
            answer = error
        with answer:
            body = answer.read().decode(errors="replace")
            took = time.monotonic() - began
            return Answer(answer.status, answer.headers, body, took)


@contextmanager
def serving(env: Mapping[str, str], log: Path) -> Iterator[str]:
    """Serve Andon on a free port of the loopback, as `bin/up` does; give its address."""
    command = [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py"]
    command += ["--bind", "127.0.0.1:0", "config.wsgi:application"]
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            cwd=ROOT,
            env={"WEB_WORKERS": "1", "WEB_THREADS": "4", **env, "DATABASE_OWNER_URL": ""},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield _address(process, log)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        if said := re.search(r"Listening at: (http://[0-9.:]+)", log.read_text()):
            return said[1]
        time.sleep(0.05)
    message = f"It did not start to serve:\n{log.read_text()}"
    raise AssertionError(message)
