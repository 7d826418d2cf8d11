"""`bin/up`: from nothing to a running Andon, and an orderly end."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from launcher.application import Application, require_running
from launcher.claim import claim
from launcher.console import say, show
from launcher.environ import child_environ, command_environ
from launcher.port import require_free
from launcher.processes import stop
from launcher.servers import Servers, running_servers
from launcher.settings import ROOT, Settings
from launcher.venv import Environment

_POLL_SECONDS = 0.2
_STOP_SECONDS = 5.0
_USAGE = """\
Usage: bin/up

Makes .venv, starts an embedded PostgreSQL and Valkey, migrates, loads the demonstration
the first time, and runs web, worker and beat until Ctrl-C.

  ANDON_PORT           the web port (8000)
  ANDON_DATA           where the data lives (var/)
  DATABASE_URL         a PostgreSQL of your own instead of the embedded one
  DATABASE_OWNER_URL   as its owner, where DATABASE_URL signs in as a lesser role
  REDIS_URL            a Valkey or Redis of your own instead of the embedded one"""


def up(settings: Settings, arguments: list[str]) -> int:
    """Run until something ends it; return the exit code.

    Raises: Trouble, Interruption.
    """
    if arguments:
        show(_USAGE)
        return 0 if arguments[0] in {"-h", "--help"} else 2
    run, logs = settings.data / "run", settings.data / "log"
    with claim(run / "up.lock", "bin/up", settings.address), contextlib.ExitStack() as leaving:
        require_free(settings.port)
        logs.mkdir(exist_ok=True)
        (run / "servers.env").unlink(missing_ok=True)  # Left by a run that was killed.
        environment = Environment(ROOT)
        if environment.ensure("local.txt"):
            compiling = environment.compile_in_background(logs / "compileall.log")
            leaving.callback(stop, [compiling], _STOP_SECONDS)
        servers = leaving.enter_context(
            running_servers(settings, settings.data, environment.site_packages(), throwaway=False)
        )
        leaving.enter_context(_written_down(servers, run / "servers.env"))
        environ = child_environ(settings, environment, servers, settings.data)
        commands = command_environ(environ, servers)
        _serve(Application(environment, environ, commands, settings.data, settings.port), servers)
    return 1


def _serve(application: Application, servers: Servers) -> None:
    """Set the database up, start the processes, and watch them until one dies."""
    application.set_up()
    with application.running(servers.children) as children:
        say("Andon is ready.")
        show(_welcome(f"http://127.0.0.1:{application.port}/", application.data / "log"))
        while True:
            require_running([*children, *servers.children])
            time.sleep(_POLL_SECONDS)


@contextlib.contextmanager
def _written_down(servers: Servers, file: Path) -> Iterator[None]:
    servers.write(file)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _welcome(address: str, logs: Path) -> str:
    width = len(address) + len("api/docs/") + 3
    return f"""
  {address:<{width}}the board
  {address + "tasks/":<{width}}tasks at the machines
  {address + "admin/":<{width}}administration
  {address + "api/docs/":<{width}}the API, for programs
  {address + "silk/":<{width}}requests and their queries (staff)

  Sign in as admin, manager, planner, supervisor, operator or viewer; password: andon
  Logs: {logs}
  Ctrl-C stops everything.
"""
