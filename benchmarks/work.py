"""A piece of work to measure, and the browser that most of it is done with."""

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import urlencode
from wsgiref.types import WSGIApplication

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client

from apps.accounts.models import User
from apps.accounts.services import open_api_session

_CSRF = "b" * 32  # A token is compared with its cookie, never looked up.


def nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is measured: ``do``; and beside it, unmeasured, what makes it repeatable.

    ``put_back`` follows each call; ``turn`` surrounds each turn of calls.
    """

    do: Callable[[], object]
    put_back: Callable[[], object] = nothing
    turn: Callable[[], AbstractContextManager[object]] = nullcontext


class Caller:
    """Calls the whole stack in this process, or another WSGI application, with some headers.

    Each request is like the first: what an answer sets is forgotten.
    """

    def __init__(self, headers: Mapping[str, str], stack: WSGIApplication | None = None) -> None:
        self._stack = stack or WSGIHandler()
        self.signed_in = {
            **headers,
            "HTTP_HOST": "localhost",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }

    def get(self, address: str) -> bytes:
        """Fetch a page. Raises: RuntimeError for any answer but 200."""
        return self.send("GET", address, expect=200)

    def send(
        self, method: str, address: str, body: bytes = b"", kind: str = "", *, expect: int
    ) -> bytes:
        """Send a request, and return the answer's body.

        Raises: RuntimeError for another status than the expected.
        """
        path, _, query = address.partition("?")
        request = {
            **self.signed_in,
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": kind,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
        }
        said: list[str] = []
        parts: list[bytes] = []

        def begin(status: str, _headers: Any, _fault: Any = None, /) -> Callable[[bytes], object]:
            said.append(status)
            return parts.append

        answer = self._stack(request, begin)
        try:
            parts += answer
        finally:
            # The request ends here, as a server ends it.
            getattr(answer, "close", nothing)()
        page = b"".join(parts)
        if not said[0].startswith(f"{expect} "):
            raise RuntimeError(f"{method} {address}: {said[0]}\n{page.decode()[:2000]}")
        return page


class Browser(Caller):
    """Somebody signed in by a page, with the session's cookie."""

    def __init__(self, user: User) -> None:
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={_CSRF}"
        super().__init__({"HTTP_COOKIE": cookies, "HTTP_X_CSRFTOKEN": _CSRF})

    def post(self, address: str, form: dict[str, Any]) -> bytes:
        """Send a form. Raises: RuntimeError unless it is taken, which the office says by a 302."""
        body = urlencode(form).encode()
        kind = "application/x-www-form-urlencoded"
        return self.send("POST", address, body, kind, expect=302)


class Program(Caller):
    """A program signed in as a user, with an access token of ten minutes."""

    def __init__(self, user: User, stack: WSGIApplication | None = None) -> None:
        pair = open_api_session(user, address="127.0.0.1", user_agent="benchmarks")
        super().__init__({"HTTP_AUTHORIZATION": f"Bearer {pair.access}"}, stack)

    def post(self, address: str, data: dict[str, Any]) -> bytes:
        """Send JSON. Raises: RuntimeError for any answer but 200."""
        return self.send("POST", address, json.dumps(data).encode(), "application/json", expect=200)
