"""Changing the shop's settings."""

from collections.abc import Collection

from django.db import transaction

from apps.core.policies import Actor
from apps.core.records import save_record
from apps.shop.models import Shop
from apps.shop.selectors import cached_shop


@transaction.atomic
def save_shop(shop: Shop, *, actor: Actor, fields: Collection[str] | None = None) -> None:
    """Store the settings. Raises: NotPermitted."""
    save_record(shop, actor=actor, fields=fields)
    cached_shop.forget(Shop.ONLY)


@transaction.atomic
def seed_shop(*, is_demo: bool = False, name: str = "My shop") -> Shop:
    """Make the row of settings if there is none."""
    shop, _ = Shop.objects.get_or_create(pk=Shop.ONLY, defaults={"name": name, "is_demo": is_demo})
    cached_shop.forget(Shop.ONLY)
    return shop
