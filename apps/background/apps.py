"""The app's name; every process knows every task."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class BackgroundConfig(AppConfig):
    name = "apps.background"

    def ready(self) -> None:
        """Register the tasks: a web process that sends one by name must know its queue."""
        autodiscover_modules("tasks")
