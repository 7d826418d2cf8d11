"""Addresses of records: their list, each by its key, and what may be done with it."""

from typing import Any

from django.urls import URLPattern, URLResolver
from rest_framework.routers import SimpleRouter

from apps.api.records import RecordView


def records(name: str, view: type[RecordView[Any]]) -> list[URLPattern | URLResolver]:
    """Return the addresses of a view of records, under ``name``."""
    router = SimpleRouter(use_regex_path=False)
    router.register(name, view, basename=name)
    return list(router.urls)
