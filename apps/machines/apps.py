"""The app's name."""

from django.apps import AppConfig


class MachinesConfig(AppConfig):
    name = "apps.machines"
