"""Cached reads with exact invalidation."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar
from uuid import uuid4

from django.core.cache import cache
from django.db import transaction

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CachedRead(Generic[T]):
    """A read-through cache over ``load(key)``, invalidated per key.

    Each key owns a random *generation* token, which lies beside the value and in it. Forgetting
    a key replaces the token, so that the stale value which a slow reader stores after the write
    bears a token that no longer counts.

    ``ttl_seconds`` bounds how long a lost invalidation can hurt; it is not the invalidation.
    Raise ``version`` when the shape of T changes. Without Redis every call loads.
    """

    name: str
    load: Callable[[int], T]
    version: int = 1
    ttl_seconds: int = 300

    def __call__(self, key: int) -> T:
        """Return the value for ``key``. Queries: 0 on a hit, those of ``load`` on a miss."""
        generation_key = self._generation_key(key)
        value_key = f"{generation_key}:value"
        found = cache.get_many([generation_key, value_key])  # One way to Redis and back.
        generation = found.get(generation_key) or cache.get_or_set(
            generation_key, _new_token, timeout=None
        )
        stored: tuple[str, T] | None = found.get(value_key)
        if stored is not None and stored[0] == generation:
            return stored[1]
        value = self.load(key)
        if generation:
            cache.set(value_key, (generation, value), timeout=self.ttl_seconds)
        return value

    def forget(self, key: int) -> None:
        """Drop ``key`` for every process once the current transaction commits."""
        transaction.on_commit(partial(self._renew, key))

    def _renew(self, key: int) -> None:
        cache.set(self._generation_key(key), _new_token(), timeout=None)

    def _generation_key(self, key: int) -> str:
        return f"{self.name}:v{self.version}:{key}"


def _new_token() -> str:
    return uuid4().hex
