"""The embedded Valkey: cache and broker."""

import socket
import time
from dataclasses import dataclass
from pathlib import Path

from launcher.console import Trouble, tail
from launcher.identity import Identity
from launcher.processes import Child, Program
from launcher.sockets import valkey_socket

_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Valkey:
    """Where its program, its data and its socket are, and as whom it runs."""

    program: Path
    data: Path
    sockets: Path
    identity: Identity
    log: Path

    def start(self) -> Child:
        """Start the server; what it holds survives an orderly stop."""
        self.identity.own(self.data)
        options = {
            "port": "0",
            "unixsocket": str(valkey_socket(self.sockets)),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "save": "300 1",
            "appendonly": "no",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        return Program(
            "valkey",
            [str(self.program), *arguments],
            log=self.log,
            cwd=Path("/"),
            become=self.identity.enter,
        ).start()

    def wait_until_ready(self, child: Child) -> None:
        """Wait until it answers.

        Raises: Trouble, with the log's last lines, when it does not.
        """
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not self._answers():
            if not child.is_running() or time.monotonic() > deadline:
                msg = f"Valkey did not start; its log, {self.log}, ends:\n{tail(self.log)}"
                raise Trouble(msg)
            time.sleep(0.02)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            try:
                connection.connect(str(valkey_socket(self.sockets)))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False
