"""Rate limits: how often one caller may ask in a minute, counted in Valkey."""

import logging
import math
import time
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest
from redis.exceptions import RedisError

from apps.core import valkey
from apps.core.cache.moments import current_moment

MINUTE = 60  # Seconds.
USER = "user"  # The limit of who is signed in.

logger = logging.getLogger(__name__)


class Limit(NamedTuple):
    """So many requests in so many seconds. Callers are told its name."""

    name: str
    amount: int
    seconds: int


class Taken(NamedTuple):
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


def expect(request: HttpRequest, limit: Limit, key: str) -> None:
    """Count a request of the caller that it will most likely turn out to be of.

    Who calls is known for sure once it is known that nothing changed since this process last
    looked. So asked, both questions go one way to Valkey. Whoever was expected wrongly is counted
    once too often: such a caller has just been signed out, and is expected no more.
    """
    request._expected = limit, key, hit(limit, key)  # type: ignore[attr-defined]  # ours alone


def hit_once(request: HttpRequest, limit: Limit, key: str) -> Taken:
    """Count a request of the caller ``key``, unless it was expected and is counted."""
    expected: tuple[Limit, str, Taken] | None = getattr(request, "_expected", None)
    if expected is not None and expected[:2] == (limit, key):
        return expected[2]
    return hit(limit, key)


def headers(*taken: Taken) -> dict[str, str]:
    """Return what a caller is told of the limits that its request met.

    Source: draft-ietf-httpapi-ratelimit-headers-10 (``q`` requests in ``w`` seconds; ``r``
    remain, for ``t`` seconds); RFC 9110, section 10.2.3, for Retry-After.
    """
    policies = (_policy(each.limit) for each in taken)
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


@lru_cache(maxsize=16)
def _policy(limit: Limit) -> str:
    return f'"{limit.name}";q={limit.amount};w={limit.seconds}'


def _count(key: str, seconds: int) -> int | None:
    """Return how many there have been with this one; None without Valkey.

    Goes the request's one way to Valkey, where it was not gone yet: the pulse comes along.
    """
    place = f"{valkey.place('limits')}:{key}"
    moment, asked_at = current_moment(), time.monotonic()
    questions = moment.questions() if moment else []
    try:
        count, _, *said = valkey.ask(("INCR", place), ("EXPIRE", place, seconds, "NX"), *questions)
    except valkey.Paused:
        return None
    except (RedisError, OSError) as error:
        logger.warning("Rate limits are not counted: Valkey does not answer (%s).", error)
        return None
    if moment:
        moment.take(said, asked_at=asked_at)
    return int(count)
