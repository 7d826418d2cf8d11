"""The app's name."""

from django.apps import AppConfig


class FloorConfig(AppConfig):
    name = "apps.floor"
