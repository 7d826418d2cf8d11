"""The app's name and its check."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from apps.core.checks import check_role


class CoreConfig(AppConfig):
    name = "apps.core"

    def ready(self) -> None:
        """Register the check."""
        register(check_role, Tags.database)
