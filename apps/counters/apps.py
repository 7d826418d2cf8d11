from django.apps import AppConfig


class CountersConfig(AppConfig):
    name = "apps.counters"
