"""The pool of connections of this process: how full it is, and what to do about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _

from apps.observability.checks import ADMITTED, check_connections
from apps.observability.health import pool_of_process
from apps.observability.warned import Warned

FULL = 0.8  # Of the connections that the pool may open.
SLOW_MS = 50  # Of waiting for one, on average.


_CONNECTED = f"""
    SELECT sum(numbackends), sum(numbackends) FILTER (WHERE datname = current_database()),
        ({ADMITTED})
    FROM pg_stat_database
"""  # noqa: S608 - no one's input


@dataclass(frozen=True, slots=True)
class PoolStats:
    """Connections of one process: the idle, those in use, and who waits for one.

    Of the ``requests`` for one since the process began, ``queued`` had to wait;
    ``average_wait_ms`` is of all.
    """

    min_connections: int
    max_connections: int
    available: int
    in_use: int
    total: int
    waiting: int
    requests: int
    queued: int
    average_wait_ms: float


@dataclass(frozen=True, slots=True)
class ServerConnections:
    """Who is connected to the server, all databases together; how many it admits of us."""

    in_use: int
    ours: int
    admitted: int


@dataclass(frozen=True, slots=True)
class PoolHealth:
    """The pool, None where the process keeps none; the server; what is wrong about connections."""

    stats: PoolStats | None
    server: ServerConnections
    warnings: tuple[Warned, ...]


def look() -> PoolHealth:
    """Look at this process' pool, at the server, and at what all processes together may open.

    Queries: 2.
    """
    pool = pool_of_process()
    stats = _read(pool.get_stats()) if pool else None
    server = _ask_server()
    warned = (*(_about(stats) if stats else ()), *_about_server(server), *_about_settings())
    return PoolHealth(stats, server, warned)


def _read(said: Mapping[str, int]) -> PoolStats:
    """Source: psycopg documentation, "Pool stats": what is none is left out."""
    total, available = said.get("pool_size", 0), said.get("pool_available", 0)
    requests = said.get("requests_num", 0)
    return PoolStats(
        min_connections=said["pool_min"],
        max_connections=said["pool_max"],
        available=available,
        in_use=total - available,
        total=total,
        waiting=said.get("requests_waiting", 0),
        requests=requests,
        queued=said.get("requests_queued", 0),
        average_wait_ms=round(said.get("requests_wait_ms", 0) / max(requests, 1), 2),
    )


def _ask_server() -> ServerConnections:
    """Source: PostgreSQL manual, ``pg_stat_database``: what others do, all may count there."""
    with connection.cursor() as cursor:
        cursor.execute(_CONNECTED)
        in_use, ours, admitted = cursor.fetchone()
    return ServerConnections(int(in_use), int(ours), admitted)


def _about(stats: PoolStats) -> Iterator[Warned]:
    look_for = _("Look for what holds them (pg_stat_activity), or raise DB_POOL_MAX_CONNECTIONS.")
    if stats.in_use > FULL * stats.max_connections:
        yield Warned(
            "pool_full",
            _("%(used)s of at most %(most)s connections are in use.")
            % {"used": stats.in_use, "most": stats.max_connections},
            look_for,
        )
    if stats.waiting:
        yield Warned(
            "pool_waiting",
            _("%(waiting)s wait for a connection.") % {"waiting": stats.waiting},
            look_for,
        )
    if stats.average_wait_ms > SLOW_MS:
        yield Warned(
            "pool_slow",
            _("On average this process has waited %(waited)s ms for a connection.")
            % {"waited": f"{stats.average_wait_ms:.0f}"},
            _("Raise DB_POOL_MIN_CONNECTIONS: connections are open before they are needed."),
        )


def _about_server(server: ServerConnections) -> Iterator[Warned]:
    if server.in_use > FULL * server.admitted:
        yield Warned(
            "server_full",
            _("%(used)s of the %(most)s connections that the database admits are in use.")
            % {"used": server.in_use, "most": server.admitted},
            _("Look who is connected (pg_stat_activity), or raise the server's max_connections."),
        )


def _about_settings() -> Iterator[Warned]:
    for message in check_connections(databases=["default"]):
        yield Warned(str(message.id).replace(".", "_").lower(), str(message.msg), str(message.hint))
