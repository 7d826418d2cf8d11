"""What this process holds: so many values, each with the pulse under which it was read."""

from collections.abc import Hashable
from threading import Lock
from typing import Any

ENTRIES_AT_MOST = 1_000  # Of one process.


class Memory:
    """Values by their keys; the oldest leaves for the newest."""

    def __init__(self) -> None:
        self._held: dict[Hashable, tuple[bytes, Any]] = {}
        self._lock = Lock()

    def get(self, key: Hashable, pulse: bytes) -> Any:
        """Return what was put under the same pulse; None without it."""
        held = self._held.get(key)
        return held[1] if held is not None and held[0] == pulse else None

    def last(self, key: Hashable) -> Any:
        """Return what was put last, under whatever pulse; None without it."""
        held = self._held.get(key)
        return None if held is None else held[1]

    def put(self, key: Hashable, pulse: bytes, value: Any) -> None:
        """Hold a value, which nobody alters from here on: threads share it."""
        with self._lock:
            self._held.pop(key, None)
            while len(self._held) >= ENTRIES_AT_MOST:
                del self._held[next(iter(self._held))]
            self._held[key] = (pulse, value)

    def __len__(self) -> int:
        """How many values there are."""
        return len(self._held)


memory = Memory()
