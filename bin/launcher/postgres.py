"""The embedded PostgreSQL: its cluster, its start, and what Andon needs in it."""

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from signal import Signals

from launcher.console import Trouble, say, tail
from launcher.identity import Identity
from launcher.processes import Child, Program, stop, wait_for

_PATIENCE_SECONDS = 30.0
_STALE_LOCK_SECONDS = 10.0
_NO_CONNECTION = 2  # psql's exit code
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_preload_libraries": "pg_stat_statements",
    "max_connections": "100",
}
_THROWAWAY_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postgres:
    """A cluster, the programs that run it, and as whom; a throwaway one trades safety for speed."""

    programs: Path
    cluster: Path
    sockets: Path
    identity: Identity
    log: Path
    is_throwaway: bool = False

    def make_cluster(self) -> None:
        """Make the cluster where there is none; it gets its name when it is whole."""
        if self.is_throwaway and (self.cluster / "postmaster.pid").exists():
            shutil.rmtree(self.cluster)  # Killed without fsync: not to be trusted.
        if self.cluster.exists():
            self.identity.own(self.cluster)
            return
        unfinished = self.cluster.with_name(f"{self.cluster.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        self.identity.own(unfinished)
        options = [
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            "--no-instructions",
        ]
        initdb = self._start(
            "initdb", [*options, "-D", str(unfinished)], self.log.with_name("initdb.log")
        )
        wait_for([initdb])
        if initdb.process.returncode:
            end = tail(initdb.program.log)
            msg = f"PostgreSQL could not make its cluster in {self.cluster}:\n{end}"
            raise Trouble(msg)
        unfinished.rename(self.cluster)
        say("PostgreSQL's cluster is made.")

    def start(self) -> Child:
        """Start the server.

        Raises: Trouble, with the log's last lines, when it does not come up.
        """
        child = self._start_server()
        try:
            self._prepare(child)
        except BaseException:
            stop([child], seconds=5)
            raise
        return child

    def _start_server(self) -> Child:
        """Start it.

        The server of a launcher that was killed a moment ago may hold the cluster: outwait it.
        """
        deadline = time.monotonic() + _STALE_LOCK_SECONDS
        settings = {
            **_SETTINGS,
            **(_THROWAWAY_SETTINGS if self.is_throwaway else {}),
            "unix_socket_directories": str(self.sockets),
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        while True:
            child = self._start(
                "postgres", ["-D", str(self.cluster), "-p", "5432", *options], self.log
            )
            while child.is_running() and not self._is_listening():
                time.sleep(0.02)
            if child.is_running():
                return child
            if "postmaster.pid" not in tail(self.log) or time.monotonic() > deadline:
                msg = f"PostgreSQL did not start; its log, {self.log}, ends:\n{tail(self.log)}"
                raise Trouble(msg)
            self._remove_strangers_lock()
            time.sleep(0.2)

    def _is_listening(self) -> bool:
        return (self.sockets / ".s.PGSQL.5432").exists()

    def _remove_strangers_lock(self) -> None:
        """Remove a crash's lock whose process number something else has, as in a container."""
        lock = self.cluster / "postmaster.pid"
        try:
            pid = int(lock.read_text(encoding="ascii").split("\n", 1)[0])
            program = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            return
        if program != "postgres":
            lock.unlink(missing_ok=True)

    def _prepare(self, server: Child) -> None:
        """Run `cluster.sql` as soon as the server takes connections."""
        script = Path(__file__).with_name("cluster.sql")
        where = f"host={self.sockets} port=5432 user=postgres dbname=postgres"
        psql = [str(self.programs / "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-f", str(script)]
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            done = subprocess.run(
                [*psql, where],
                check=False,
                capture_output=True,
                text=True,
                env=without_postgres_variables(),
            )
            if done.returncode == 0:
                return
            may_come = done.returncode == _NO_CONNECTION and server.is_running()
            if not may_come or time.monotonic() > deadline:
                msg = f"PostgreSQL could not be prepared:\n{done.stderr}{tail(self.log)}"
                raise Trouble(msg)
            time.sleep(0.05)

    def _start(self, program: str, arguments: list[str], log: Path) -> Child:
        return Program(
            program,
            [str(self.programs / program), *arguments],
            log=log,
            environ=without_postgres_variables(),
            cwd=Path("/"),
            become=self.identity.enter,
            stop_with=Signals.SIGINT,  # "Fast": ends the sessions, keeps the data whole.
            hurry_with=Signals.SIGQUIT,
            orphan_with=Signals.SIGINT,
        ).start()


def without_postgres_variables() -> dict[str, str]:
    """Return the environment without PGPORT and its kin, which would lead programs elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}
