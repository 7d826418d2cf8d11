"""Where a real shop is kept, the application's role in the database must be a lesser one."""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's names
from django.db import OperationalError, connections

_OWNS = (
    "SELECT rolsuper, EXISTS ("
    "SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
    " WHERE nspname = current_schema AND relkind IN ('r', 'p')"
    " AND pg_has_role(pg_roles.oid, relowner, 'MEMBER'))"
    " FROM pg_roles WHERE rolname = coalesce(nullif(%s, ''), current_user)"
)
_HINT = 'docs/operations.md, "Database roles", has the statements that make a lesser role.'


def check_role(*, databases: Collection[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Report an application that is a superuser, or owns its tables, in production.

    The role is the application's own, whoever is signed in: `migrate` asks as the owner.
    """
    if getattr(settings, "ANDON_ALLOWS_DEMO", False) or "default" not in (databases or ()):
        return []
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute(_OWNS, [settings.DATABASES["default"]["USER"]])
            is_superuser, is_owner = cursor.fetchone() or (False, False)
    except OperationalError:
        return []  # Unreachable for now: health says so.
    if is_superuser:
        return [_SUPERUSER]
    return [_OWNER] if is_owner else []


_SUPERUSER = Error(
    "DATABASE_URL signs in as a superuser, whom PostgreSQL refuses nothing.",
    hint=_HINT,
    id="andon.E003",
)
_OWNER = Warning(
    "DATABASE_URL signs in as the owner of the tables, who may alter and empty them and switch"
    " their triggers off.",
    hint=_HINT,
    id="andon.W003",
)
