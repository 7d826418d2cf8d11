"""Health: of everything, of the database, of the cache."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.http import HttpResponse
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.api.answers import answer
from apps.api.asking import Argument
from apps.api.operations import operation
from apps.api.views import ApiView
from apps.core.errors import NotPermitted
from apps.observability import entries, health, overview, pool
from apps.observability.api.serializers import (
    OK,
    PREFIX_AT_MOST,
    UNAVAILABLE,
    WARNING,
    CacheHealth,
    Cleared,
    ClearItem,
    DatabaseAnswer,
    DatabaseHealth,
    Health,
)
from apps.observability.counting import CounterHealth


class MayEnterOffice(BasePermission):
    """Who may open the office and Silk may see how the installation is."""

    message = "You may not see how the installation is."
    code = NotPermitted.code

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the user is staff."""
        return bool(getattr(request.user, "is_staff", False))


def _all(parts: Iterable[Any] | None) -> list[dict[str, Any]] | None:
    return None if parts is None else [asdict(each) for each in parts]


def _without_warnings(counters: CounterHealth | None) -> dict[str, Any] | None:
    if counters is None:
        return None
    return {name: said for name, said in asdict(counters).items() if name != "warnings"}


class HealthView(ApiView):
    """Whether the installation can work."""

    permission_classes = (IsAuthenticated, MayEnterOffice)  # type: ignore[assignment]  # one more

    @operation(tells=Health)
    def get(self, request: Request) -> HttpResponse:
        """Check database, migrations, cache and broker, and tell how all the rest is.

        `/health/ready/` makes the same checks and asks nobody to sign in.
        """
        self.asked()
        seen = overview.look()
        well = WARNING if seen.warnings else OK
        told = {
            "status": well if seen.is_available else UNAVAILABLE,
            "checks": {name: fault or OK for name, fault in seen.checks.items()},
            "queues": _all(seen.work.queues),
            "in_hand": seen.work.in_hand,
            "workers": _all(seen.work.workers),
            "beats": _all(seen.work.beats),
            "disks": _all(seen.disk.disks),
            "counters": _without_warnings(seen.counters),
            "warnings": _all(seen.warnings),
        }
        return answer(request._request, told)


class DatabaseView(HealthView):
    """Connections to the database."""

    @operation(tells=DatabaseHealth)
    def get(self, request: Request) -> HttpResponse:
        """Tell how full the pool of connections is, what is wrong with it, and what to do.

        The pool is that of the process that answers; each web process has its own. Queries: 2.
        """
        self.asked()
        seen = pool.look()
        told = {
            "status": WARNING if seen.warnings else OK,
            "pool_stats": asdict(seen.stats) if seen.stats else None,
            "server": asdict(seen.server),
            "warnings": _all(seen.warnings),
        }
        return answer(request._request, told)


class DatabaseTestView(HealthView):
    """One query."""

    @operation(tells=DatabaseAnswer)
    def get(self, request: Request) -> HttpResponse:
        """Run a query, and tell how long a connection and the answer took. Queries: 1."""
        self.asked()
        return answer(request._request, {"status": OK, **asdict(health.ask_database())})


def _prefix(text: str) -> str:
    if len(text) > PREFIX_AT_MOST:
        raise ValueError(f"Give at most {PREFIX_AT_MOST} characters.")
    return text


PREFIX = Argument(
    "prefix",
    _prefix,
    {"type": "string", "maxLength": PREFIX_AT_MOST},
    "What the keys of the entries begin with; left out, all are counted.",
)


class CacheView(HealthView):
    """What lies in the cache."""

    @operation(tells=CacheHealth, asks=(PREFIX,))
    def get(self, request: Request) -> HttpResponse:
        """Count what lies in the cache, and how often what was asked for was there."""
        counted = entries.count_entries(self.asked().get(PREFIX.name, ""))
        return answer(request._request, {"status": OK, "cache_stats": asdict(counted)})


class CacheClearView(ApiView):
    """Forgetting what is kept for reading faster."""

    @operation(takes=ClearItem, tells=Cleared)
    def post(self, request: Request) -> HttpResponse:
        """Clear entries of the cache by what their keys begin with. For administrators."""
        user: Any = self.actor
        if not user.is_superuser:
            raise NotPermitted("You may not clear the cache: that is for administrators.")
        cleared = entries.clear_entries(self.read(ClearItem)["prefix"])
        return answer(request._request, {"status": OK, **asdict(cleared)})
