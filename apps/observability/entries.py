"""What lies in the cache: counted and cleared without ever holding Valkey up.

Keys are looked at by SCAN, a batch at a time and only so many; KEYS would stop every other
caller meanwhile. Sessions lie in the same database and are no cache: nothing here clears them, or
counts them, since who counts keys by what they begin with can spell a session's key out. Rate
limits lie beside our keys, not below them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from django.conf import settings
from django.core.cache import cache
from django_redis import get_redis_connection  # type: ignore[import-untyped]
from django_redis.client.default import glob_escape  # type: ignore[import-untyped]
from redis import Redis
from redis.exceptions import RedisError

from apps.observability.errors import CacheAway

BATCH = 1_000
BATCHES_AT_MOST = 1_000
GONE = -2  # What PTTL says of a key that is not there.


@dataclass(frozen=True, slots=True)
class Entries:
    """What lies in the cache below a prefix, and how often anything asked for was there.

    ``hits`` and ``misses`` are of the whole server since it began. ``is_complete`` is False where
    there were more keys than were looked at. Source: Valkey's manual, SCAN: while keys come and go,
    one of them may be met twice.
    """

    total_entries: int
    active_entries: int
    expired_entries: int
    hits: int
    misses: int
    hit_rate: float | None
    is_complete: bool


@dataclass(frozen=True, slots=True)
class Cleared:
    """How many entries were cleared, and whether all keys were looked at."""

    cleared: int
    is_complete: bool


class _Walk:
    """One walk over our keys that begin with a prefix, but for sessions."""

    def __init__(self, valkey: Redis, prefix: str) -> None:
        self.valkey = valkey
        self.pattern = f"{glob_escape(cache.make_key(prefix))}*"
        self.sessions = cache.make_key(_session_prefix()).encode()
        self.is_complete = False

    def batches(self) -> Iterator[Sequence[bytes]]:
        cursor = 0
        for _ in range(BATCHES_AT_MOST):
            cursor, keys = self.valkey.scan(cursor, self.pattern, BATCH)
            found = cast("list[bytes]", keys)  # Text only where a client decodes; ours does not.
            if ours := [key for key in found if not key.startswith(self.sessions)]:
                yield ours
            if cursor == 0:
                self.is_complete = True
                return


def count_entries(prefix: str = "") -> Entries:
    """Count our entries whose keys begin with ``prefix``. Raises: CacheAway."""
    try:
        valkey = get_redis_connection("default")
        walk, total, gone = _Walk(valkey, prefix), 0, 0
        for keys in walk.batches():
            pipeline = valkey.pipeline(transaction=False)
            for key in keys:
                pipeline.pttl(key)
            total += len(keys)
            gone += pipeline.execute().count(GONE)
        said = valkey.info("stats")
    except (RedisError, OSError) as error:
        raise _away() from error
    hits, misses = said["keyspace_hits"], said["keyspace_misses"]
    rate = round(hits / (hits + misses), 4) if hits + misses else None
    return Entries(total, total - gone, gone, hits, misses, rate, walk.is_complete)


def clear_entries(prefix: str) -> Cleared:
    """Clear our entries whose keys begin with ``prefix``; sessions stay. Raises: CacheAway."""
    try:
        valkey = get_redis_connection("default", write=True)
        walk, cleared = _Walk(valkey, prefix), 0
        for keys in walk.batches():
            cleared += valkey.unlink(*keys)
    except (RedisError, OSError) as error:
        raise _away() from error
    return Cleared(cleared, walk.is_complete)


def _session_prefix() -> str:
    store = import_module(settings.SESSION_ENGINE).SessionStore
    return str(store.cache_key_prefix)


def _away() -> CacheAway:
    return CacheAway("Valkey does not answer. Andon works on without it, more slowly.")
