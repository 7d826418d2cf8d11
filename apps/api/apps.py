"""The app's name."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "apps.api"
    label = "andon_api"
