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

    Each key owns a random *generation* token that is part of the value's cache key. Forgetting
    a key replaces its token, so that a slow reader that began before the write can only store
    its stale value under a token nobody reads again.

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
        generation = cache.get_or_set(generation_key, _new_token, timeout=None)
        value_key = f"{generation_key}:{generation}"
        boxed: tuple[T] | None = cache.get(value_key) if generation else None
        if boxed is None:  # Boxed, so that a cached None is a hit.
            boxed = (self.load(key),)
            if generation:
                cache.set(value_key, boxed, timeout=self.ttl_seconds)
        return boxed[0]

    def forget(self, key: int) -> None:
        """Drop ``key`` for every process once the current transaction commits."""
        transaction.on_commit(partial(self._renew, key))

    def _renew(self, key: int) -> None:
        cache.set(self._generation_key(key), _new_token(), timeout=None)

    def _generation_key(self, key: int) -> str:
        return f"{self.name}:v{self.version}:{key}"


def _new_token() -> str:
    return uuid4().hex
