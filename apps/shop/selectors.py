"""The shop's settings and clock."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from apps.core.cache import CachedRead, Per
from apps.shop.models import Shop


def _load(_key: int) -> Shop:
    return Shop.objects.filter(pk=Shop.ONLY).first() or Shop()


cached_shop = CachedRead("shop.settings", _load, per=Per.SHOP, warm=lambda: [Shop.ONLY])


def current_shop() -> Shop:
    """Return the shop's settings; its defaults while none are stored."""
    return cached_shop(Shop.ONLY)


def today() -> date:
    """Return the date in the shop's time zone."""
    return timezone.now().astimezone(current_shop().zone).date()


def start_of(day: date) -> datetime:
    """Return the instant at which a day begins in the shop."""
    return datetime.combine(day, time.min, tzinfo=current_shop().zone)


def end_of(day: date) -> datetime:
    """Return the instant at which a day ends in the shop: a due date means this."""
    return start_of(day + timedelta(days=1))
