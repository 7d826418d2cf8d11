"""The id that ties a request to its log lines, its tasks and its answers."""

import logging
import re
from collections.abc import Callable
from contextvars import ContextVar
from uuid import uuid4

from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
_SAFE = re.compile(r"[A-Za-z0-9._-]{8,64}")
_current: ContextVar[str] = ContextVar("request_id", default="-")


def current() -> str:
    """Return the id of the request or task at work; "-" outside any."""
    return _current.get()


def adopt(request_id: str | None) -> str:
    """Take up the given id, or a new one where it is missing or unsafe to log; return it."""
    chosen = request_id if request_id and _SAFE.fullmatch(request_id) else uuid4().hex
    _current.set(chosen)
    return chosen


class RequestIdMiddleware:
    """Take or make the request's id and say it back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the id in ``X-Request-ID``."""
        request_id = adopt(request.headers.get(HEADER))
        response = self.get_response(request)
        response[HEADER] = request_id
        return response


class RequestIdFilter(logging.Filter):
    """Put the id on every log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        record.request_id = current()
        return True
