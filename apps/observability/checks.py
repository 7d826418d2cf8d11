"""More connections than the server lets in are found before they are missing."""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's names
from django.db import OperationalError, connections

OTHERS = 10  # What a worker, beat, a command and a backup need beside the web processes.
ADMITTED = (  # SQL
    "current_setting('max_connections')::int"
    " - current_setting('superuser_reserved_connections')::int"
    " - coalesce(current_setting('reserved_connections', true), '0')::int"
)


def check_connections(*, databases: Collection[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Compare what the web processes' pools may open with what the server admits.

    Source: PostgreSQL manual, "Connections and Authentication": the reserved ones are no use to us.
    """
    if "default" not in (databases or ()):
        return []
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute(f"SELECT {ADMITTED}")
            admitted = int(cursor.fetchone()[0])
    except OperationalError:
        return []  # Unreachable for now: health says so.
    environment = settings.ANDON  # type: ignore[misc]  # composed in config, unseen by the stubs
    return _compare(admitted, environment.pool_max, environment.web_workers)


def _compare(admitted: int, pool_max: int, web_workers: int) -> list[CheckMessage]:
    wanted = pool_max * web_workers
    numbers = (
        f"{web_workers} web processes with up to {pool_max} connections each open up to {wanted};"
        f" the database admits {admitted}"
    )
    hint = (
        f"Lower DB_POOL_MAX_CONNECTIONS (at most {max((admitted - OTHERS) // web_workers, 1)} for"
        f" {web_workers} web processes) or WEB_WORKERS, or raise the server's max_connections."
    )
    if wanted >= admitted:
        return [Error(f"{numbers}.", hint=hint, id="andon.E002")]
    if wanted > admitted - OTHERS:
        left = f"{numbers}, which leaves {admitted - wanted} for everything else."
        return [Warning(left, hint=hint, id="andon.W002")]
    return []
