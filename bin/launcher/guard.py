"""The last resort: a process that clears away what the launcher leaves when it is killed outright.

The kernel's death signal reaches the launcher's children, not theirs: a Celery worker that hangs
in its shutdown, or a task that goes on in one of its pool, would stay.
"""

import contextlib
import os
import signal
import time

_GRACE_SECONDS = 4.0
_POLL_SECONDS = 0.1


class _Pipe:
    writer = -1


def start_guard() -> None:
    """Fork it. Do so first of all, so that it holds no lock and no other file of the launcher's."""
    reader, _Pipe.writer = os.pipe()
    if os.fork():
        os.close(reader)
        return
    os.close(_Pipe.writer)
    os.setsid()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nowhere, standard)
    _clear(_read_groups(reader))
    os._exit(0)


def watch(group: int) -> None:
    """Have a process group cleared away should the launcher be killed."""
    _tell(f"+{group}\n")


def forget(group: int) -> None:
    """A process group has ended; its number may come to mean another."""
    _tell(f"-{group}\n")


def _tell(message: str) -> None:
    with contextlib.suppress(OSError):  # Without the guard the launcher works no less well.
        os.write(_Pipe.writer, message.encode())


def _read_groups(reader: int) -> set[int]:
    """Listen until the launcher ends, in whichever way; return the groups that remain then."""
    groups = set[int]()
    with os.fdopen(reader, encoding="ascii") as messages:
        for message in messages:
            number = int(message[1:])
            (groups.add if message[0] == "+" else groups.discard)(number)
    return groups


def _clear(groups: set[int]) -> None:
    """Give the death signals time for an orderly end, then kill what is left."""
    deadline = time.monotonic() + _GRACE_SECONDS
    while groups and time.monotonic() < deadline:
        groups = {group for group in groups if _signal(group, 0)}
        time.sleep(_POLL_SECONDS)
    for group in groups:
        _signal(group, signal.SIGKILL)


def _signal(group: int, signum: int) -> bool:
    try:
        os.killpg(group, signum)
    except ProcessLookupError:
        return False
    return True
