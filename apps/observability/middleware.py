"""Health that answers whatever else is wrong, and faults told without a traceback."""

import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from apps.observability import health

RETRY_AFTER = 5  # Seconds.

logger = logging.getLogger(__name__)


class HealthMiddleware:
    """Answer ``/health/`` and ``/health/ready/`` before hosts, sessions and redirects matter."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """200 ``{"status": "ok"}``, or 503 with the checks that failed."""
        if request.path_info == "/health/":
            return JsonResponse({"status": "ok"})
        if request.path_info == "/health/ready/":
            checks = health.check_readiness()
            ready = all(fault is None for fault in checks.values())
            answer = {
                "status": "ok" if ready else "unavailable",
                "checks": {name: fault or "ok" for name, fault in checks.items()},
            }
            return JsonResponse(answer, status=200 if ready else 503)
        return self.get_response(request)


LOST = (OperationalError, InterfaceError)


class FaultMiddleware:
    """Turn a database that is lost, full or too slow into 503 with ``Retry-After``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer 503 for what passes by itself; leave every other fault alone."""
        return unavailable(request, error) if isinstance(error, LOST) else None


def unavailable(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return what is answered while the database is away, for middleware that meets it itself."""
    logger.warning("503 for %s %s: %s", request.method, request.path, error)
    # Without the request: its context would ask the database who is signed in.
    page = render_to_string("503.html")
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER)})
