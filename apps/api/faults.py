"""What goes wrong before or beyond a view of the API, told as the API tells it."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from apps.api.problems import problem

PREFIX = "/api/v1/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Refuse what cannot be read."""
    if not request.path.startswith(PREFIX):
        return defaults.bad_request(request, exception)
    said = "The request cannot be read."
    return problem(request, HTTPStatus.BAD_REQUEST, said, code="unreadable")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is no such address."""
    if not request.path.startswith(PREFIX):
        return defaults.page_not_found(request, exception)
    said = "There is no such address. /api/docs/ shows those that there are."
    return problem(request, HTTPStatus.NOT_FOUND, said, code="not_found")


def server_error(request: HttpRequest) -> HttpResponse:
    """Admit a fault of ours."""
    if not request.path.startswith(PREFIX):
        return defaults.server_error(request)
    said = "That is a fault of ours. It is in the log, under the id of the request."
    return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, said, code="fault")
