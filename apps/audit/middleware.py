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
        with acting_as(lambda: _actor_of(request), DOORS.get(door, Source.WEB)):
            return self.get_response(request)


def _actor_of(request: HttpRequest) -> int | None:
    """Return who is signed in; a program's view finds that out, and nobody is until then.

    Nobody is, either, to what is written while that is being found out: Django signs a session
    anew whose key has been retired.
    """
    if getattr(request, "_is_finding_actor", False):
        return None
    request._is_finding_actor = True  # type: ignore[attr-defined]  # ours alone
    try:
        user = getattr(request, "user", None)
        return user.pk if user else None
    finally:
        request._is_finding_actor = False  # type: ignore[attr-defined]
