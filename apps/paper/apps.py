"""The app's name."""

from django.apps import AppConfig


class PaperConfig(AppConfig):
    name = "apps.paper"
