"""Andon's own processes: set up, started, watched until one dies, stopped."""

import contextlib
import http.client
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from signal import Signals

from launcher.console import Trouble, say, tail
from launcher.processes import Child, Program, stop, wait_for
from launcher.settings import ROOT
from launcher.venv import Environment

_READY_SECONDS = 120.0
_STOP_SECONDS = 5.0
_QUEUES = "email,notifications,payments,analytics,optimization,imports,exports,maintenance,default"


@dataclass(frozen=True)
class Application:
    """What is run, with which environments, from which data folder, on which port."""

    environment: Environment
    environ: Mapping[str, str]
    command_environ: Mapping[str, str]
    data: Path
    port: int

    def set_up(self) -> None:
        """Migrate and load what a first start needs; it reports its own progress.

        Raises: Trouble, when it fails.
        """
        command = [str(self.environment.python), "manage.py", "set_up", "--demo"]
        child = Program("set_up", command, environ=self.command_environ, cwd=ROOT).start()
        wait_for([child])
        if child.process.returncode:
            msg = f"Setting the database up failed ({child.ending()}); the reason is above."
            raise Trouble(msg)

    @contextlib.contextmanager
    def running(self, servers: Sequence[Child]) -> Iterator[list[Child]]:
        """Start web and, as soon as it is ready, beat and worker; stop them in that order.

        Started together they would share the cores, and web be ready a third later.
        Raises: Trouble, when one of them or of the servers dies before, or it takes too long.
        """
        children: list[Child] = []
        try:
            children.append(self._web().start())
            self._wait_until_ready([*children, *servers])
            children += (program.start() for program in (self._beat(), self._worker()))
            yield children
        finally:
            say("Stopping.")
            stop(children, _STOP_SECONDS)

    def _web(self) -> Program:
        options = ["-c", "config/gunicorn.py", "--bind", f"127.0.0.1:{self.port}"]
        command = [self.environment.command("gunicorn"), *options, "config.wsgi:application"]
        return Program("web", command, self.data / "log/web.log", self.environ, ROOT)

    def _worker(self) -> Program:
        options = ["--loglevel=INFO", "--concurrency=2", "-Q", _QUEUES]
        # On SIGTERM it first finishes its tasks, which an orphan must not.
        return replace(self._celery("worker", options), orphan_with=Signals.SIGQUIT)

    def _beat(self) -> Program:
        return self._celery("beat", ["--schedule", str(self.data / "run/beat")])

    def _celery(self, name: str, options: Sequence[str]) -> Program:
        command = [self.environment.command("celery"), "-A", "config", name, *options]
        environ = {**self.environ, "ANDON_PROCESS": name}  # Seen in the server's list of sessions.
        return Program(name, command, self.data / f"log/{name}.log", environ, ROOT)

    def _wait_until_ready(self, children: Sequence[Child]) -> None:
        """Wait until the web process says that it and all it needs are up."""
        deadline = time.monotonic() + _READY_SECONDS
        while not self._is_ready():
            require_running(children)
            if time.monotonic() > deadline:
                msg = f"Andon does not get ready. Its web process' log ends:\n{_end(children[0])}"
                raise Trouble(msg)
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/health/ready/")
            return connection.getresponse().status == HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def require_running(children: Sequence[Child]) -> None:
    """Make sure that none has died.

    Raises: Trouble, naming the one that has, with its log's last lines.
    """
    for child in children:
        if not child.is_running():
            msg = (
                f"{child.program.name} has ended ({child.ending()}), so everything was stopped.\n"
                f"Its log, {child.program.log}, ends:\n{_end(child)}"
            )
            raise Trouble(msg)


def _end(child: Child) -> str:
    return tail(child.program.log)
