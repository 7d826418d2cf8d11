"""Changing the shop's settings."""

from collections.abc import Collection

from django.db import transaction

from apps.core.policies import Actor
from apps.core.records import save_record
from apps.counters.services import set_time_zone
from apps.shop.models import Shop
from apps.shop.selectors import cached_shop


@transaction.atomic
def save_shop(shop: Shop, *, actor: Actor, fields: Collection[str] | None = None) -> None:
    """Store the settings; in another time zone, what is counted by day is counted anew.

    Raises: NotPermitted, AtWork.
    """
    save_record(shop, actor=actor, fields=fields)
    if fields is None or "time_zone" in fields:
        set_time_zone(shop.time_zone)
    cached_shop.forget(Shop.ONLY)


@transaction.atomic
def seed_shop(*, is_demo: bool = False, name: str = "My shop") -> Shop:
    """Make the row of settings if there is none."""
    shop, _ = Shop.objects.get_or_create(pk=Shop.ONLY, defaults={"name": name, "is_demo": is_demo})
    cached_shop.forget(Shop.ONLY)
    return shop
