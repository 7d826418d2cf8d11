"""The demo's database is refused where a real shop is kept."""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import OperationalError, connections

from apps.shop.models import Shop


def check_for_demo(*, databases: Collection[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Report a database that the demo was loaded into, in settings that do not allow the demo.

    A database that cannot be reached, or has no tables yet, has nothing to report.
    """
    if getattr(settings, "ANDON_ALLOWS_DEMO", False):
        return []
    return [_DEMO for alias in databases or () if _is_demo(alias)]


_DEMO = Error(
    "This database holds the demo: invented customers, and users whose password everybody knows.",
    hint="Give production a database of its own, and run `manage.py set_up` on it.",
    id="andon.E001",
)


def _is_demo(alias: str) -> bool:
    shops = Shop.objects.using(alias).filter(is_demo=True)
    try:
        tables = connections[alias].introspection.table_names()
        return Shop._meta.db_table in tables and shops.exists()
    except OperationalError:
        return False
