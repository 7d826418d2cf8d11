"""What this process makes of cached reads, held while nothing that they tell has changed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic

from django.db import connection

from apps.core.cache import statistics
from apps.core.cache.memory import Memory
from apps.core.cache.moments import current_moment
from apps.core.cache.registry import K, T


@dataclass(frozen=True, eq=False)
class HeldRead(Generic[K, T]):
    """Something made of what ``CachedRead`` tells, and of nothing else: of this process alone.

    What is made is shared by threads: whoever alters it takes a copy. None is not held.
    """

    name: str
    make: Callable[[K], T | None]
    _memory: Memory = field(default_factory=Memory)

    def __call__(self, key: K) -> T | None:
        """Return what is made for ``key``. Queries: 0 while it is held, else those of ``make``."""
        moment = current_moment()
        if moment is None or moment.loaded is not None or connection.in_atomic_block:
            return self.make(key)
        pulse = moment.ask().records
        if not pulse:
            return self.make(key)
        held: T | None = self._memory.get(key, pulse)
        if held is not None:
            statistics.count(self.name, hit=True)
            return held
        made = self.make(key)
        if made is not None:
            self._memory.put(key, pulse, made)
        return made

    def last(self, key: K) -> T | None:
        """Return what was made for ``key`` last, whether it has changed since or not."""
        made: T | None = self._memory.last(key)
        return made
