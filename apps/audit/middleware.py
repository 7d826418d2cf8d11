"""Each request's changes bear its user, its door and its id."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from django.http import HttpRequest, HttpResponse

from apps.core.acting import Source, acting_as

# By the first part of the address.
DOORS: Mapping[str, Source] = MappingProxyType(
    {"admin": Source.ADMIN, "api": Source.API, "tasks": Source.TASKS}
)


class ActingMiddleware:
    """Say who acts; below authentication, which finds out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the user found when the first change is written."""
        door = request.path_info.split("/", 2)[1]
        with acting_as(lambda: request.user.pk, DOORS.get(door, Source.WEB)):
            return self.get_response(request)
