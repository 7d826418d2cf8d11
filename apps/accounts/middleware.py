"""What began at a shared terminal stays there."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from apps.accounts.terminals import is_out_of_place
from apps.observability.middleware import LOST, unavailable


class TerminalMiddleware:
    """Ends a session that began at a terminal and is not at it: carried away, or revoked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; without a session none is looked for, so that no answer varies by cookie."""
        try:
            if settings.SESSION_COOKIE_NAME in request.COOKIES and is_out_of_place(request):
                logout(request)
        except LOST as error:  # What middleware raises, no other's ``process_exception`` is told.
            return unavailable(request, error)
        return self.get_response(request)
