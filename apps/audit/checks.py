"""What the database must have for the trail to be kept well."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004 - Django's name
from django.db import OperationalError, connections

from apps.audit import selectors

FEW_MONTHS = 2


@register(Tags.database)
def check_partitions(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Warn when the months made ahead run out."""
    if "default" not in (databases or ()):
        return []
    try:
        ahead = selectors.months_ahead() if _has_trail() else FEW_MONTHS
    except OperationalError:
        return []  # Unreachable for now: health says so.
    if ahead >= FEW_MONTHS:
        return []
    return [
        Warning(
            f"The audit trail has partitions for {ahead} months after this one.",
            hint="Is beat running? `manage.py make_audit_partitions` makes them now.",
            id="andon.W004",
        )
    ]


def _has_trail() -> bool:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT to_regclass('audit_logs') IS NOT NULL")
        return bool(cursor.fetchone()[0])
