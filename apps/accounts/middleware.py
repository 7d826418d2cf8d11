"""What began at a shared terminal stays there."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from apps.accounts.terminals import is_over, mark_touched
from apps.core.programs import is_program
from apps.observability.middleware import LOST, unavailable


class TerminalMiddleware:
    """Ends a session that began at a terminal and is not at it: carried, revoked, or left alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; without a session none is looked for, so that no answer varies by cookie."""
        if is_program(request):
            return self.get_response(request)
        try:
            if settings.SESSION_COOKIE_NAME in request.COOKIES and is_over(request):
                logout(request)
        except LOST as error:  # What middleware raises, no other's ``process_exception`` is told.
            return unavailable(request, error)
        response = self.get_response(request)
        mark_touched(request, response)
        return response
