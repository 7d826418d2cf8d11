"""Rate limits: how often one caller may ask in a minute, counted in Valkey."""

import logging
import math
import time
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django_redis import get_redis_connection  # type: ignore[import-untyped]
from limits.storage import RedisStorage
from redis import ConnectionPool
from redis.exceptions import RedisError

MINUTE = 60  # Seconds.
PAUSE = 1.0  # Seconds for which a Valkey that failed is left alone: each try may cost a time-out.

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in so many seconds. Callers are told its name."""

    name: str
    amount: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one request: ``remaining`` is None where nobody could count it."""

    allowed: bool
    limit: Limit
    remaining: int | None
    reset_after: int


def limit_of(name: str) -> Limit:
    """Return one of the limits in RATE_LIMITS: "user", "address", "auth"."""
    amounts: dict[str, int] = settings.RATE_LIMITS  # type: ignore[misc]  # composed in config, unseen by the stubs
    return Limit(name, amounts[name], MINUTE)


def hit(limit: Limit, key: str) -> Taken:
    """Count one request of the caller ``key``; say whether it is within the limit.

    Windows are of the clock, so that one atomic increment, one way to Valkey and back, both
    counts and decides: of requests at once exactly ``amount`` get through. Around the turn of a
    window twice as many can follow each other closely.

    Valkey is disposable: without it every request is allowed, and the log says so.
    """
    now = time.time()
    window = int(now // limit.seconds)
    reset_after = math.ceil((window + 1) * limit.seconds - now) or 1
    count = _count(f"{limit.name}:{key}:{window}", limit.seconds)
    if count is None:
        return Taken(True, limit, None, reset_after)
    return Taken(count <= limit.amount, limit, max(0, limit.amount - count), reset_after)


def headers(*taken: Taken) -> dict[str, str]:
    """Return what a caller is told of the limits that its request met.

    Source: draft-ietf-httpapi-ratelimit-headers-10 (``q`` requests in ``w`` seconds; ``r``
    remain, for ``t`` seconds); RFC 9110, section 10.2.3, for Retry-After.
    """
    policies = (
        f'"{each.limit.name}";q={each.limit.amount};w={each.limit.seconds}' for each in taken
    )
    states = [
        f'"{each.limit.name}";r={each.remaining};t={each.reset_after}'
        for each in taken
        if each.remaining is not None
    ]
    waits = [each.reset_after for each in taken if not each.allowed]
    said = {"RateLimit-Policy": ", ".join(policies)}
    if states:
        said["RateLimit"] = ", ".join(states)
    if waits:
        said["Retry-After"] = str(max(waits))
    return said


class _Pause:
    """Until when nobody asks Valkey, by the monotonic clock: of one process."""

    until = 0.0


def _count(key: str, seconds: int) -> int | None:
    """Return how many there have been with this one; None without Valkey."""
    if time.monotonic() < _Pause.until:
        return None
    try:
        return _storage(get_redis_connection("default").connection_pool).incr(key, seconds)
    except (RedisError, OSError) as error:
        _Pause.until = time.monotonic() + PAUSE
        logger.warning("Rate limits are not counted: Valkey does not answer (%s).", error)
        return None


@lru_cache(maxsize=4)
def _storage(pool: ConnectionPool) -> RedisStorage:
    """Return the library's counters over the cache's own connections."""
    return RedisStorage("redis://", connection_pool=pool, key_prefix="andon:limits")
