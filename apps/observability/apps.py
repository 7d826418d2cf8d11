"""The app's name and checks, and Silk's preparation."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from apps.observability import silk
from apps.observability.checks import check_connections


class ObservabilityConfig(AppConfig):
    name = "apps.observability"

    def ready(self) -> None:
        """Register the checks; make Silk ready where it is installed."""
        register(check_connections, Tags.database)
        if silk.is_installed():
            silk.prepare()
