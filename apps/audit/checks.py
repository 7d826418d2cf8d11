"""What the database must have for the trail to be kept well."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004 - Django's name
from django.db import connections

from apps.audit import selectors

FEW_MONTHS = 2


@register(Tags.database)
def check_partitions(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Warn when the months made ahead run out."""
    if "default" not in (databases or ()) or not _has_trail():
        return []
    ahead = selectors.months_ahead()
    if ahead >= FEW_MONTHS:
        return []
    return [
        Warning(
            f"The audit trail has partitions for {ahead} months after this one.",
            hint="Is beat running? `manage.py make_audit_partitions` makes them now.",
            id="audit.W001",
        )
    ]


def _has_trail() -> bool:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT to_regclass('audit_logs') IS NOT NULL")
        return bool(cursor.fetchone()[0])
