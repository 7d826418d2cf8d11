"""What lies in the cache: counted and cleared without ever holding Valkey up.

Keys are looked at by SCAN, a batch at a time and only so many; KEYS would stop every other
caller meanwhile. Sessions lie in the same database and are no cache: nothing here clears them, or
counts them, since who counts keys by what they begin with can spell a session's key out; nor are
the tokens by which caches are told. Rate limits, statistics and heartbeats lie beside our keys.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

from django.conf import settings
from django.core.cache import cache
from django_redis.client.default import glob_escape  # type: ignore[import-untyped]
from redis import Redis
from redis.exceptions import RedisError

from apps.core.cache import declared, statistics
from apps.core.cache.moments import RECORDS, WRITES, new_token
from apps.core.cache.outages import EPOCH
from apps.core.cache.registry import VALUE, Read
from apps.core.cache.statistics import Rate
from apps.core.valkey import own_client
from apps.observability.errors import CacheAway

BATCH = 1_000
BATCHES_AT_MOST = 1_000
GONE = -2  # What PTTL says of a key that is not there.


@dataclass(frozen=True, slots=True)
class ReadEntries:
    """A declared read: values that Valkey has of it, and how often what was asked for was there."""

    name: str
    per: str
    ttl_seconds: int
    entries: int
    hits: int
    misses: int
    hit_rate: float | None


@dataclass(frozen=True, slots=True)
class Entries:
    """What lies in the cache below a prefix, and how often anything asked for was there.

    ``hits`` and ``misses`` are those of the ``reads`` whose names begin with the prefix, in all
    processes since the hour before this one began. ``is_complete`` is False where there were more
    keys than were looked at. Source: Valkey's manual, SCAN: while keys come and go, one of them
    may be met twice.
    """

    total_entries: int
    active_entries: int
    expired_entries: int
    hits: int
    misses: int
    hit_rate: float | None
    is_complete: bool
    reads: tuple[ReadEntries, ...]


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
        self.ours = {cache.make_key(name).encode() for name in (RECORDS, WRITES, EPOCH)}
        self.is_complete = False

    def batches(self) -> Iterator[Sequence[bytes]]:
        cursor = 0
        for _ in range(BATCHES_AT_MOST):
            cursor, keys = self.valkey.scan(cursor, self.pattern, BATCH)
            found = cast("list[bytes]", keys)  # Text only where a client decodes; ours does not.
            if entries := [key for key in found if self._is_entry(key)]:
                yield entries
            if cursor == 0:
                self.is_complete = True
                return

    def _is_entry(self, key: bytes) -> bool:
        return not key.startswith(self.sessions) and key not in self.ours


def count_entries(prefix: str = "") -> Entries:
    """Count our entries whose keys begin with ``prefix``. Raises: CacheAway."""
    values: Counter[str] = Counter()
    try:
        valkey = own_client()
        walk, total, gone = _Walk(valkey, prefix), 0, 0
        for keys in walk.batches():
            pipeline = valkey.pipeline(transaction=False)
            for key in keys:
                pipeline.pttl(key)
            total += len(keys)
            gone += pipeline.execute().count(GONE)
            values.update(_read_of(key) for key in keys if key.endswith(VALUE.encode()))
        asked = statistics.rates()
    except (RedisError, OSError) as error:
        raise _away() from error
    reads = tuple(_tell(each, values, asked) for each in declared() if each.name.startswith(prefix))
    all_of_them = sum((asked.get(each.name, Rate()) for each in reads), Rate())
    return Entries(
        total,
        total - gone,
        gone,
        all_of_them.hits,
        all_of_them.misses,
        all_of_them.share,
        walk.is_complete,
        reads,
    )


def _read_of(key: bytes) -> str:
    """Return the name of the read that a value's key is of."""
    begins = len(cache.make_key(""))
    return key[begins:].decode(errors="replace").partition(":v")[0]


def _tell(read: Read[Any, Any], values: Counter[str], asked: dict[str, Rate]) -> ReadEntries:
    rate = asked.get(read.name, Rate())
    return ReadEntries(
        read.name,
        str(read.per),
        read.ttl_seconds,
        values[read.name],
        rate.hits,
        rate.misses,
        rate.share,
    )


def clear_entries(prefix: str) -> Cleared:
    """Clear our entries whose keys begin with ``prefix``; sessions stay. Raises: CacheAway.

    What processes hold in memory counts for nothing either from here on.
    """
    try:
        valkey = own_client()
        walk, cleared = _Walk(valkey, prefix), 0
        for keys in walk.batches():
            cleared += valkey.unlink(*keys)
        cache.set_many({RECORDS: new_token(), WRITES: new_token()}, timeout=None)
    except (RedisError, OSError) as error:
        raise _away() from error
    return Cleared(cleared, walk.is_complete)


def _session_prefix() -> str:
    store = import_module(settings.SESSION_ENGINE).SessionStore
    return str(store.cache_key_prefix)


def _away() -> CacheAway:
    return CacheAway("Valkey does not answer. Andon works on without it, more slowly.")
