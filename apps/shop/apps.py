"""The app's name and checks."""

from django.apps import AppConfig
from django.core.checks import Tags, register


class ShopConfig(AppConfig):
    name = "apps.shop"

    def ready(self) -> None:
        """Register the checks."""
        from apps.shop.checks import check_for_demo  # noqa: PLC0415 - needs the models

        register(check_for_demo, Tags.database)
