"""The app's name."""

from django.apps import AppConfig


class InstallationConfig(AppConfig):
    name = "apps.installation"
