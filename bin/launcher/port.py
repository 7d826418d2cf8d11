"""Whether the web port is free and, when it is not, who has it."""

import errno
import pwd
import socket
from dataclasses import dataclass
from pathlib import Path

from launcher.console import Trouble

_ADVICE = "Choose another: ANDON_PORT={} bin/up"
_LISTENING = "0A"
_ANY_OR_LOOPBACK = {
    "00000000",
    "0100007F",
    "0" * 32,
    "0000000000000000FFFF00000100007F",
}


@dataclass(frozen=True)
class Listener:
    """A socket that listens on the port: its inode and the user who opened it."""

    inode: str
    uid: int


def require_free(port: int) -> None:
    """Make sure that the web process will get its port.

    Raises: Trouble, naming the process that has it where that can be known.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                msg = f"Port {port} is taken{_by_whom(port)}.\n{_ADVICE.format(port + 1)}"
            else:
                msg = f"Port {port} cannot be used: {error.strerror}.\n{_ADVICE.format(8000)}"
            raise Trouble(msg) from error


def listeners(port: int, table: str) -> list[Listener]:
    """Read from a `/proc/net/tcp` table who listens on a port of this machine's own address."""
    found = []
    for line in table.splitlines()[1:]:
        fields = line.split()
        address, hexadecimal = fields[1].split(":")
        if fields[3] == _LISTENING and int(hexadecimal, 16) == port and address in _ANY_OR_LOOPBACK:
            found.append(Listener(inode=fields[9], uid=int(fields[7])))
    return found


def _by_whom(port: int, proc: Path = Path("/proc")) -> str:
    tables = (path for path in (proc / "net/tcp", proc / "net/tcp6") if path.exists())
    for listener in (one for table in tables for one in listeners(port, table.read_text())):
        for process in proc.glob("[0-9]*"):
            if _has_open(process, listener.inode):
                command = (process / "cmdline").read_text(errors="replace").replace("\0", " ")
                return f" by process {process.name}: {command[:100].strip()}"
        return f" by a process of the user {_user_name(listener.uid)}"
    return ""


def _has_open(process: Path, inode: str) -> bool:
    try:
        return any(
            str(entry.readlink()) == f"socket:[{inode}]" for entry in (process / "fd").iterdir()
        )
    except OSError:  # Another user's process, or one that has just ended.
        return False


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
