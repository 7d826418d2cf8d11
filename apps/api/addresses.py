"""Addresses of records: their list, each by its key, and what may be done with it."""

from typing import Any

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from apps.api.records import RecordView


def records(name: str, view: type[RecordView[Any]]) -> list[URLPattern | URLResolver]:
    """Return the addresses of a view of records, under ``name``.

    One pattern holds them: an address is looked for among names, not among all addresses.
    """
    router = SimpleRouter(use_regex_path=False)
    router.register("", view, basename=name)
    return [path(f"{name}/", include(router.urls))]
