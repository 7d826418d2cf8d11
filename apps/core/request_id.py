"""The id that ties a request to its log lines, its tasks and its answers."""

import logging
import random
import re
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
_VARIABLE = "HTTP_X_REQUEST_ID"  # As the server hands it on.
_SAFE = re.compile(r"[A-Za-z0-9._-]{8,64}")
_current: ContextVar[str] = ContextVar("request_id", default="-")


def current() -> str:
    """Return the id of the request or task at work; "-" outside any."""
    return _current.get()


def adopt(request_id: str | None) -> str:
    """Take up the given id, or a new one where it is missing or unsafe to log; return it."""
    chosen = request_id if request_id and _SAFE.fullmatch(request_id) else _new()
    _current.set(chosen)
    return chosen


def _new() -> str:
    """Return 128 random bits: it names a request and guards nothing."""
    return f"{random.getrandbits(128):032x}"  # Asking the system costs ten times that.


class RequestIdMiddleware:
    """Take or make the request's id and say it back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the id in ``X-Request-ID``."""
        request_id = adopt(request.META.get(_VARIABLE))
        response = self.get_response(request)
        response[HEADER] = request_id
        return response


class RequestIdFilter(logging.Filter):
    """Put the id on every log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        record.request_id = current()
        return True
