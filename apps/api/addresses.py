"""Addresses: of records, their list, each by its key, and what may be done with it; and of all."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

from django.urls import Resolver404, ResolverMatch, URLPattern, URLResolver, include, path
from django.urls.resolvers import RoutePattern
from django.utils.functional import cached_property
from rest_framework.routers import SimpleRouter

from apps.api.records import RecordView

Address = URLPattern | URLResolver


def records(name: str, view: type[RecordView[Any]]) -> list[Address]:
    """Return the addresses of a view of records, under ``name``.

    One pattern holds them: an address is looked for among names, not among all addresses.
    """
    router = SimpleRouter(use_regex_path=False)
    router.register("", view, basename=name)
    return [path(f"{name}/", include(router.urls))]


def by_name(start: str, module: str) -> URLResolver:
    """Return the addresses of a module, as ``include`` does, found by the first part of each."""
    return _ByName(RoutePattern(start), import_module(module))


class _ByName(URLResolver):
    """Looks at the addresses that begin as the one that is asked for, and then at all.

    Trying each of some sixty in turn was a quarter of what a kept answer costs.
    """

    def resolve(self, path: str) -> ResolverMatch:
        """Return what answers at a path. Raises: Resolver404.

        What takes no arguments is looked for once: so many are remembered as there are addresses.
        """
        found = self._found.get(path)
        if found is None:
            found = self._look(path)
            if not found.args and not found.kwargs:
                self._found[path] = found
        return found

    @cached_property
    def _found(self) -> dict[str, ResolverMatch]:
        return {}

    def _look(self, path: str) -> ResolverMatch:
        matched = self.pattern.match(str(path))
        few = self._by_first.get(_first(matched[0])) if matched else None
        if few is not None:
            try:
                return few.resolve(path)
            except Resolver404:
                pass
        return super().resolve(path)

    @cached_property
    def _by_first(self) -> dict[str, URLResolver]:
        found: dict[str, list[Address]] = defaultdict(list)
        for each in _flat(self.url_patterns):
            found[_first(str(each.pattern).removeprefix("^"))].append(each)
        return {name: URLResolver(self.pattern, those) for name, those in found.items()}


def _flat(addresses: Iterable[Address]) -> Iterator[Address]:
    """Yield addresses, those of an app's list in its place."""
    for each in addresses:
        if isinstance(each, URLResolver) and not str(each.pattern) and not each.namespace:
            yield from _flat(each.url_patterns)
        else:
            yield each


def _first(text: str) -> str:
    return text.partition("/")[0]
