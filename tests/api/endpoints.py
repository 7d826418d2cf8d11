"""Every endpoint of the API, found by walking its addresses."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver
from rest_framework.fields import empty
from rest_framework.serializers import BaseSerializer

from apps.api.operations import operation_of
from apps.api.records import RecordView
from config.api import urlpatterns

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
KITS_OWN = ("create", "partial_update", "by_external_id")  # These take what the view declares.
PLACE = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one address; ``path`` has its places as ``{pk}``."""

    method: str
    path: str
    view: type[Any]
    action: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def handler(self) -> Callable[..., Any]:
        return getattr(self.view, self.action)

    @property
    def is_list(self) -> bool:
        return self.action == "list"

    @property
    def asks(self) -> list[str]:
        """The names that its query may have."""
        if self.is_list:
            return list(self.view.listing.names)
        if self.action == "retrieve":
            return ["fields"]
        said = operation_of(self.handler)
        return [each.name for each in said.asks] if said else []

    def item(self) -> BaseSerializer[Any] | None:
        """What it takes, as a serializer; None where it takes no body."""
        said = operation_of(self.handler)
        if said is not None:
            return said.takes() if isinstance(said.takes, type) else said.takes
        if self.action not in KITS_OWN:
            return None
        changes = self.view.change_item if self.action == "partial_update" else None
        return (changes or self.view.item)(data=empty)


@cache
def endpoints() -> tuple[Endpoint, ...]:
    """Return every endpoint, by address."""
    return tuple(sorted(_walk(urlpatterns, ""), key=lambda each: (each.path, each.method)))


def _walk(patterns: Iterable[URLPattern | URLResolver], start: str) -> Iterator[Endpoint]:
    for each in patterns:
        path = f"{start}{_plain(str(each.pattern))}"
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, path)
        else:
            yield from _of_view(path, each.callback)


def _plain(pattern: str) -> str:
    """Return a pattern as it is read: ``jobs/{pk}/``."""
    named = PLACE.sub(lambda found: f"{{{found[1] or found[2]}}}", pattern)
    return named.removeprefix("^").removesuffix(r"\Z")


def _of_view(path: str, callback: Any) -> Iterator[Endpoint]:
    view = callback.cls
    if issubclass(view, RecordView):
        handlers = dict(callback.actions)
    else:
        handlers = {name.lower(): name.lower() for name in METHODS if hasattr(view, name.lower())}
    for method, action in handlers.items():
        if method.upper() in METHODS:
            yield Endpoint(method.upper(), path, view, action)
