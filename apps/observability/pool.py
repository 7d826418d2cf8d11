"""The pool of connections of this process: how full it is, and what to do about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from apps.observability.checks import check_connections
from apps.observability.health import pool_of_process

FULL = 0.8  # Of the connections that the pool may open.
SLOW_MS = 50  # Of waiting for one, on average.


@dataclass(frozen=True, slots=True)
class PoolStats:
    """Connections of one process: the idle, those in use, and who waits for one."""

    min_connections: int
    max_connections: int
    available: int
    in_use: int
    total: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that is not as it should be, and what to do."""

    code: str
    detail: str
    advice: str


@dataclass(frozen=True, slots=True)
class PoolHealth:
    """The pool, None where the process keeps none; and what is wrong about connections."""

    stats: PoolStats | None
    warnings: tuple[Warned, ...]


def look() -> PoolHealth:
    """Look at this process' pool, and at what all processes together may open.

    Queries: 1.
    """
    pool = pool_of_process()
    said: Mapping[str, int] = pool.get_stats() if pool else {}
    stats = _read(said) if pool else None
    warned = _about(stats, said) if stats else ()
    return PoolHealth(stats, (*warned, *_about_server()))


def _read(said: Mapping[str, int]) -> PoolStats:
    """Source: psycopg documentation, "Pool stats": what is none is left out."""
    total, available = said.get("pool_size", 0), said.get("pool_available", 0)
    return PoolStats(
        min_connections=said["pool_min"],
        max_connections=said["pool_max"],
        available=available,
        in_use=total - available,
        total=total,
        waiting=said.get("requests_waiting", 0),
    )


def _about(stats: PoolStats, said: Mapping[str, int]) -> Iterator[Warned]:
    if stats.in_use > FULL * stats.max_connections:
        yield Warned(
            "pool_full",
            f"{stats.in_use} of at most {stats.max_connections} connections are in use.",
            "Look for what holds them (pg_stat_activity), or raise DB_POOL_MAX_CONNECTIONS.",
        )
    if stats.waiting:
        yield Warned(
            "pool_waiting",
            f"{stats.waiting} wait for a connection.",
            "Look for what holds them (pg_stat_activity), or raise DB_POOL_MAX_CONNECTIONS.",
        )
    waited_ms = said.get("requests_wait_ms", 0) / max(said.get("requests_num", 0), 1)
    if waited_ms > SLOW_MS:
        yield Warned(
            "pool_slow",
            f"On average this process has waited {waited_ms:.0f} ms for a connection.",
            "Raise DB_POOL_MIN_CONNECTIONS, so that connections are open before they are needed.",
        )


def _about_server() -> Iterator[Warned]:
    for message in check_connections(databases=["default"]):
        yield Warned(str(message.id).replace(".", "_").lower(), str(message.msg), str(message.hint))
