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
        if _is_in_head(request):
            raise BadRequest("NUL byte in the request")
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        """Look at its form; forms are read here at the latest, by the check of the CSRF token.

        Raises: BadRequest.
        """
        if request.method == "POST" and any(NUL in text for text in _form(request)):
            raise BadRequest("NUL byte in the form")


def _is_in_head(request: HttpRequest) -> bool:
    query = request.META.get("QUERY_STRING", "")
    if NUL in request.path_info or NUL in query or "%00" in query:
        return True
    return "HTTP_COOKIE" in request.META and any(NUL in each for each in request.COOKIES.values())


def _form(request: HttpRequest) -> Iterator[str]:
    try:
        form = request.POST
    except UnreadablePostError:
        return  # The caller has gone.
    for name, values in form.lists():
        yield name
        yield from values
