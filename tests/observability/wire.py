"""A wire to PostgreSQL that a test can cut and mend."""

import contextlib
import os
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

NAME = ".s.PGSQL.5432"


def _upstream() -> tuple[int, object]:
    url = urlsplit(os.environ["DATABASE_URL"])
    host = url.netloc.rpartition("@")[2].partition(":")[0]  # As written: hostname is lower case.
    folder = unquote(host) or parse_qs(url.query).get("host", [""])[0]
    if folder.startswith("/"):
        return socket.AF_UNIX, f"{folder}/.s.PGSQL.{url.port or 5432}"
    return socket.AF_INET, (host, url.port or 5432)


class Wire:
    """Passes bytes between a socket of its own and the real server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ends: list[socket.socket] = []
        self.mend()

    def address(self, database: str) -> str:
        """Return the address of a database at this end of the wire."""
        user = urlsplit(os.environ["DATABASE_URL"]).netloc.rpartition("@")[0]
        return f"postgresql://{user}@{quote(str(self.folder), safe='')}/{quote(database)}"

    def mend(self) -> None:
        """Let connections through."""
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.folder / NAME))
        self.listener.listen()
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def cut(self) -> None:
        """Let no new connection through, and break those there are."""
        (self.folder / NAME).unlink()
        for each in (self.listener, *self.ends):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self.ends.clear()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                family, address = _upstream()
                far = socket.socket(family)
                far.connect(address)
                self.ends += [near, far]
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=_pass, args=(source, target), daemon=True).start()


def _pass(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while some := source.recv(65536):
            target.sendall(some)
        target.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def wire() -> Iterator[Wire]:
    """A wire in a folder with a short name: a socket's path has at most 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="andon") as folder:
        strung = Wire(Path(folder))
        try:
            yield strung
        finally:
            if (strung.folder / NAME).exists():
                strung.cut()
