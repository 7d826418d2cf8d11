"""One load at a time of each key, of all threads and processes: a hot key that falls starts no run.

Who comes second waits a little for what the first one stores, and then loads too: nobody waits
for ever for a process that has died, and nothing can lock anything up.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TypeVar

from django.core.cache import cache

T = TypeVar("T")

PATIENCE = 1.0  # Seconds that are waited for another's load.
LEASE = 5  # Seconds after which a process that loads counts as dead.
STEP = 0.005  # Seconds between two looks at what another process may have stored.


class _Turn:
    """Whose turn it is in this process, and how many wait for theirs."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.wanted_by = 0


_turns: dict[str, _Turn] = {}
_guard = Lock()


def load_in_turn(key: str, look: Callable[[], T | None], load: Callable[[], T]) -> tuple[T, bool]:
    """Return what ``look`` finds when its turn in this process has come, else load it.

    ``load`` stores what it loads where ``look`` looks. The second value is True for a load.
    """
    with _turn_of(key, time.monotonic() + PATIENCE):
        found = look()
        return (load(), True) if found is None else (found, False)


def load_alone(key: str, look: Callable[[], T | None], load: Callable[[], T]) -> tuple[T, bool]:
    """Do the same with a turn among all processes. Costs two or three ways to Valkey and back."""
    deadline = time.monotonic() + PATIENCE
    with _turn_of(key, deadline):
        while (found := look()) is None:
            with _lease(f"{key}:lease") as is_ours:
                if is_ours and (found := look()) is not None:  # Stored a moment before.
                    return found, False
                if is_ours or time.monotonic() > deadline:
                    return load(), True
            time.sleep(STEP)
        return found, False


@contextmanager
def _turn_of(key: str, deadline: float) -> Iterator[None]:
    """Wait for the threads of this process that came before, no longer than ``deadline``."""
    with _guard:
        turn = _turns.setdefault(key, _Turn())
        turn.wanted_by += 1
    taken = turn.lock.acquire(timeout=max(deadline - time.monotonic(), 0))
    try:
        yield
    finally:
        if taken:
            turn.lock.release()
        with _guard:
            turn.wanted_by -= 1
            if not turn.wanted_by:
                del _turns[key]


@contextmanager
def _lease(key: str) -> Iterator[bool]:
    """Say whether it is this process that loads; without Valkey, each may."""
    ends_at = time.monotonic() + LEASE
    added = cache.add(key, 1, timeout=LEASE)
    try:
        yield added is not False  # None: there is nobody to ask.
    finally:
        if added and time.monotonic() < ends_at:  # Later it may be another's.
            cache.delete(key)
