"""Who is at work: workers and beat say so every few seconds, and whoever asks finds it written."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from redis.exceptions import RedisError

from apps.core import valkey

EVERY = 5.0  # Seconds between two heartbeats.
FORGOTTEN_AFTER = 3_600  # Seconds: one that fell silent without a word is told for so long.
WORKER, BEAT = "worker", "beat"

_NAME = "heartbeats"


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A process' last one: how long ago, and how many tasks it had in hand."""

    kind: str
    name: str
    seconds_ago: float
    running: int


def tell(kind: str, name: str, running: int = 0) -> None:
    """Say that a process is alive; without Valkey nobody hears it, and the next one is tried."""
    said = json.dumps({"at": time.time(), "running": running})
    try:
        valkey.own_client().hset(valkey.place(_NAME), f"{kind} {name}", said)
    except (RedisError, OSError):
        return


def fall_silent(kind: str, name: str) -> None:
    """Say that a process ends as it should."""
    try:
        valkey.own_client().hdel(valkey.place(_NAME), f"{kind} {name}")
    except (RedisError, OSError):
        return


def heard() -> tuple[Heartbeat, ...]:
    """Return the last heartbeat of each process, by kind and name.

    Raises: RedisError, OSError.
    """
    client, place, now = valkey.own_client(), valkey.place(_NAME), time.time()
    written = cast("Mapping[bytes, bytes]", client.hgetall(place))
    found = [_read(field.decode(), said, now) for field, said in sorted(written.items())]
    if gone := [f"{each.kind} {each.name}" for each in found if each.seconds_ago > FORGOTTEN_AFTER]:
        client.hdel(place, *gone)
    return tuple(each for each in found if each.seconds_ago <= FORGOTTEN_AFTER)


def _read(field: str, said: bytes, now: float) -> Heartbeat:
    kind, name = field.split(" ", 1)
    written = json.loads(said)
    return Heartbeat(kind, name, max(now - written["at"], 0.0), written["running"])
