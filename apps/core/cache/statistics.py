"""How often what was asked for was there: of each read, of all processes together.

Counted in this process, and added to Valkey's counts about once a second: no read waits for it.
"""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import cast

from redis.exceptions import RedisError

from apps.core import valkey

EVERY = 1.0  # Second.
HOUR = 3_600
HITS, MISSES = "hits", "misses"


@dataclass(frozen=True, slots=True)
class Rate:
    """Hits and misses of one read, or of several."""

    hits: int = 0
    misses: int = 0

    @property
    def share(self) -> float | None:
        """How much of what was asked for was there, 0 to 1; None before anything was."""
        asked = self.hits + self.misses
        return round(self.hits / asked, 4) if asked else None

    def __add__(self, other: "Rate") -> "Rate":
        return Rate(self.hits + other.hits, self.misses + other.misses)


class _Tally:
    """What this process has counted and not yet told."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = Lock()
        self._told_at = time.monotonic()

    def count(self, name: str, what: str) -> None:
        now, due = time.monotonic(), None
        with self._lock:
            self._counts[name, what] += 1
            if now - self._told_at >= EVERY:
                due = self._take(now)
        if due:
            self._tell(due)

    def tell(self) -> None:
        with self._lock:
            due = self._take(time.monotonic())
        self._tell(due)

    def _take(self, now: float) -> Counter[tuple[str, str]]:
        due, self._counts, self._told_at = self._counts, Counter(), now
        return due

    def _tell(self, due: Counter[tuple[str, str]]) -> None:
        if not due:
            return
        try:
            pipeline = valkey.own_client().pipeline(transaction=False)
            key = _keys()[0]
            for (name, what), count in due.items():
                pipeline.hincrby(key, f"{name} {what}", count)
            pipeline.expire(key, 2 * HOUR)
            pipeline.execute()
        except (RedisError, OSError):
            with self._lock:
                self._counts.update(due)  # For the next time.


_tally = _Tally()


def count(name: str, *, hit: bool) -> None:
    """Count one question to the read ``name``."""
    _tally.count(name, HITS if hit else MISSES)


def rates() -> dict[str, Rate]:
    """Return each read's rate, by name, since the hour before this one began.

    Raises: RedisError, OSError.
    """
    _tally.tell()
    pipeline = valkey.own_client().pipeline(transaction=False)
    for key in _keys():
        pipeline.hgetall(key)
    found: dict[str, Rate] = {}
    for hour in cast("list[Mapping[bytes, bytes]]", pipeline.execute()):
        for field, said in hour.items():
            name, what = field.decode().split(" ")
            found[name] = found.get(name, Rate()) + Rate(**{what: int(said)})
    return found


def _keys() -> tuple[str, str]:
    """Return where this hour's counts lie, and the last one's: beside the cache, not in it."""
    hour = int(time.time() // HOUR)
    return valkey.place(f"statistics:{hour}"), valkey.place(f"statistics:{hour - 1}")
