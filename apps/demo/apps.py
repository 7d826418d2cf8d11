"""The app's name."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "apps.demo"
