"""Addresses of servers: what is wrong with one, and where the broker is when only the cache is."""

from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

import dj_database_url

BROKER_OFFSET = 8  # Of the 16 databases a server has; neighbours that count up from 0 stay apart.
DATABASES = 16
REDIS_PORT = 6379
TCP = ("redis", "rediss")


def database(url: str) -> dict[str, Any]:
    """Return Django's settings for a postgresql:// address.

    Raises: ValueError, saying what is wrong.
    """
    if _split(url).scheme not in {"postgres", "postgresql"}:
        raise ValueError("must be a postgresql:// address")
    settings = dict(dj_database_url.parse(url))
    if not settings["NAME"]:
        raise ValueError("must name a database: postgresql://user:password@host:5432/database")
    return settings


def owner(url: str, *, beside: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return Django's settings for the address of the database's owner; None for no address.

    Raises: ValueError, saying what is wrong.
    """
    if not url:
        return None
    settings = database(url)
    if beside and settings["NAME"] != beside["NAME"]:
        raise ValueError("must lead to the database of DATABASE_URL")
    return settings


def cache(url: str) -> str:
    """Return the address as it is, once it is sure to lead somewhere.

    Raises: ValueError, saying what is wrong.
    """
    parts = _split(url)
    if parts.scheme not in {*TCP, "unix"}:
        raise ValueError("must be a redis://, rediss:// or unix:// address")
    _place(parts)
    return url


def broker(url: str, *, cache_url: str | None) -> str:
    """Return the broker's address as Celery takes it; it must not be the cache's.

    Raises: ValueError, saying what is wrong.
    """
    parts = _split(url)
    if parts.scheme not in {*TCP, "redis+socket"}:
        raise ValueError("must be a redis://, rediss:// or redis+socket:// address")
    place = _place(parts)
    if cache_url and place == _place(_split(cache_url)):
        raise ValueError("must not be the database of REDIS_URL: clearing the cache empties it")
    return _join(_verified(parts))


def broker_beside(cache_url: str) -> str:
    """Return another database of the cache's server, as Celery takes it."""
    parts = _split(cache_url)
    _server, number = _place(parts)
    other = str((number + BROKER_OFFSET) % DATABASES)
    if parts.scheme == "unix":
        query = urlencode({"virtual_host": other})
        return _join(parts._replace(scheme="redis+socket", query=query))
    tls = {name: value for name, value in parse_qsl(parts.query) if name.startswith("ssl_")}
    return _join(_verified(parts._replace(path=f"/{other}", query=urlencode(tls))))


def _verified(parts: SplitResult) -> SplitResult:
    """Have Celery check the server's certificate, as the cache's client does unasked.

    Source: kombu, ``Connection._init_params``: "defaulting to insecure SSL behaviour".
    """
    query = dict(parse_qsl(parts.query))
    if parts.scheme != "rediss" or "ssl_cert_reqs" in query:
        return parts
    return parts._replace(query=urlencode({**query, "ssl_cert_reqs": "required"}))


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - parsed when asked for
    except ValueError as error:
        raise ValueError("is not an address that can be read") from error
    return parts


def _join(parts: SplitResult) -> str:
    """``urlunsplit`` drops the slashes of an address without a host."""
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}{parts.path}{query}"


def _place(parts: SplitResult) -> tuple[str, int]:
    """Return server and database: the query's number goes before the path's, as in redis-py."""
    query = dict(parse_qsl(parts.query))
    on_tcp = parts.scheme in TCP
    said = query.get("db") or query.get("virtual_host") or (on_tcp and parts.path.strip("/")) or "0"
    if not (said.isascii() and said.isdigit()):
        raise ValueError(f"must give a database by its number, not as {said!r}")
    server = f"{parts.hostname}:{parts.port or REDIS_PORT}" if on_tcp else parts.path
    if not (parts.hostname if on_tcp else parts.path):
        raise ValueError("must name a host, or the path of a socket")
    return server, int(said)
