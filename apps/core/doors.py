"""What pages need of every request, and programs do not: it costs them nothing."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.messages.storage import default_storage
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.middleware import common
from django.utils.functional import SimpleLazyObject, empty
from django.utils.translation import get_language_from_request, override

from apps.core.headers import add_vary
from apps.core.programs import is_program

HOSTS_REMEMBERED = 64  # So many names a server has at most; of others each is looked at.


class _OfPages:
    """Lets programs past."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if is_program(request):
            answer: HttpResponseBase = self.get_response(request)
            return answer
        return super().__call__(request)  # type: ignore[misc,no-any-return]  # the middleware beside


class LanguageMiddleware:
    """The language of a page: of those that there are, the one that its browser asks for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer in it; programs are told in the installation's own."""
        if is_program(request):
            return self.get_response(request)
        language = get_language_from_request(request)
        with override(language):
            answer = self.get_response(request)
        add_vary(answer, "Accept-Language")
        answer.headers.setdefault("Content-Language", language)
        return answer


class SessionMiddleware(_OfPages, sessions.SessionMiddleware):
    """Sessions of people, by their cookies."""


class CommonMiddleware(common.CommonMiddleware):
    """What Django does for all; a host that was found good is not looked at again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        self._good: frozenset[str] = frozenset()
        is_all = not (settings.PREPEND_WWW or settings.DISALLOWED_USER_AGENTS)
        self._remembers = HOSTS_REMEMBERED if is_all else 0

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        """Let the hosts that are ours in. Raises: DisallowedHost."""
        host = request.META.get("HTTP_HOST", "")
        if host in self._good:
            return None
        answer = super().process_request(request)
        if len(self._good) < self._remembers:
            self._good |= {host}
        return answer


class AuthenticationMiddleware(_OfPages, auth.AuthenticationMiddleware):
    """Who is signed in at a page."""


class MessageMiddleware(_OfPages, messages.MessageMiddleware):
    """Messages from one page to the next; their store is opened by who reads or writes one."""

    def process_request(self, request: HttpRequest) -> None:
        """Have the store at hand."""
        request._messages = SimpleLazyObject(lambda: default_storage(request))  # type: ignore[attr-defined]  # Django's own

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Store what was not shown yet."""
        store = getattr(request, "_messages", None)
        if isinstance(store, SimpleLazyObject) and store.__dict__["_wrapped"] is empty:
            return response
        return super().process_response(request, response)
