"""The ways to sign in."""

from collections.abc import Callable
from typing import Any

from django.conf import settings

Schema = dict[str, Any]


def _access_token() -> Schema:
    words = "An access token from `POST /api/v1/auth/token/`. It is short-lived: get the next pair"
    return {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": f"{words} from `POST /api/v1/auth/token/refresh/`.",
    }


def _api_token() -> Schema:
    words = "A long-lived token for a machine or another system. It is made in the office, shown"
    return {
        "type": "http",
        "scheme": "bearer",
        "description": f"{words} once, and allows no more than its scopes.",
    }


def _session_cookie() -> Schema:
    words = "The cookie of who is signed in at a page of ours. What changes something needs"
    return {
        "type": "apiKey",
        "in": "cookie",
        "name": settings.SESSION_COOKIE_NAME,
        "description": f"{words} the CSRF token besides, as `X-CSRFToken`.",
    }


SCHEMES: dict[str, Callable[[], Schema]] = {
    "accessToken": _access_token,
    "apiToken": _api_token,
    "sessionCookie": _session_cookie,
}
