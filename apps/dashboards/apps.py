"""The app's name."""

from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    name = "apps.dashboards"
