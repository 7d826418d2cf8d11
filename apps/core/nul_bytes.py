"""NUL bytes: no text in PostgreSQL holds one, so no request may bring one."""

from collections.abc import Callable, Iterator
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError

NUL = "\x00"


class NulBytesMiddleware:
    """Answer 400 to a NUL in the path, the query, a cookie or a form, before a query meets it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at the head of the request.

        Raises: BadRequest.
        """
        if any(NUL in text for text in _head(request)):
            raise BadRequest("NUL byte in the request")
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        """Look at its form; forms are read here at the latest, by the check of the CSRF token.

        Raises: BadRequest.
        """
        if any(NUL in text for text in _form(request)):
            raise BadRequest("NUL byte in the form")


def _head(request: HttpRequest) -> Iterator[str]:
    yield request.path_info
    yield request.META.get("QUERY_STRING", "").replace("%00", NUL)
    yield from request.COOKIES.values()


def _form(request: HttpRequest) -> Iterator[str]:
    try:
        form = request.POST
    except UnreadablePostError:
        return  # The caller has gone.
    for name, values in form.lists():
        yield name
        yield from values
