"""Who calls the API: a token of either kind, or the cookie of someone at a page of ours."""

from dataclasses import dataclass
from typing import Literal, cast

from django.contrib.auth import SESSION_KEY
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.authentication import SessionAuthentication as DjangoSessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apps.accounts import services, tokens
from apps.accounts.errors import BadToken
from apps.accounts.models import ApiSession, ApiToken, User
from apps.accounts.models.api_tokens import PREFIX, digest
from apps.accounts.selectors import known_api_session, known_api_token, last_user_of
from apps.accounts.states import TERMINAL_SCOPES, Standing
from apps.api.problems import CHALLENGE
from apps.core import limits

OVER: dict[Standing, str] = {
    Standing.REVOKED: "It was revoked.",
    Standing.EXPIRED: "It has expired.",
    Standing.INACTIVE_USER: "Its user is inactive.",
    Standing.PASSWORD_CHANGED: "The password was changed since.",
}


@dataclass(frozen=True, slots=True)
class Grant:
    """What a request was signed in with, and what for: ``scopes`` of None is everything."""

    kind: Literal["cookie", "session", "token"]
    scopes: frozenset[str] | None = None
    session_id: int | None = None  # Of an API session.


def grant_of(request: Request) -> Grant:
    """Return what the request was signed in with. Only behind a sign-in."""
    return cast("Grant", request.auth)


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer``, with an access token or an API token.

    Whoever sends the header is judged by it alone: a bad one is refused, cookie or not.
    """

    def authenticate(self, request: Request) -> tuple[User, Grant] | None:
        """Return user and grant; None without the header. Queries: 0 while cached."""
        header = request.META.get("HTTP_AUTHORIZATION")
        if header is None:
            return None
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise AuthenticationFailed("Send Authorization: Bearer, and a token.", "bad_token")
        try:
            if token.startswith(PREFIX):
                return by_key(token)
            claims = tokens.read("access", token)
            _expect(request, last_user_of(claims.session_id))
            return _of_session(claims)
        except BadToken as refusal:
            raise AuthenticationFailed(refusal.message, refusal.code) from refusal

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - DRF's signature
        """Return what a 401 says in ``WWW-Authenticate``; with it, DRF answers no 403."""
        return CHALLENGE


class SessionAuthentication(DjangoSessionAuthentication):
    """The cookie of a page of ours, with its CSRF token on everything that writes."""

    def authenticate(self, request: Request) -> tuple[User, Grant] | None:
        """Return user and grant; None without a signed-in session. Queries: 0 while cached."""
        session = getattr(request._request, "session", {})
        _expect(request, session.get(SESSION_KEY))
        found = super().authenticate(request)
        if found is None:
            return None
        user = found[0]
        return user, Grant("cookie", TERMINAL_SCOPES if user.at_terminal else None)


def by_access_token(token: str) -> tuple[User, Grant]:
    """Return whose access token it is. Raises: BadToken. Queries: 0 while cached."""
    return _of_session(tokens.read("access", token))


def _of_session(claims: tokens.Claims) -> tuple[User, Grant]:
    session = known_api_session(claims.session_id)
    if session is None:
        raise BadToken("The session is over. Sign in again.")
    _require_good(session)
    return session.user, Grant("session", session_id=session.pk)


def by_key(plain: str) -> tuple[User, Grant]:
    """Return whom an API token acts as. Raises: BadToken. Queries: 1 once a minute."""
    token = known_api_token(digest(plain))
    if token is None:
        raise BadToken("This is no token of ours.")
    _require_good(token)
    services.note_use(token)
    return token.user, Grant("token", frozenset(token.scopes))


def _expect(request: Request, user_id: int | str | None) -> None:
    """Count the request early, of whoever it will turn out to be of unless that has changed."""
    if user_id is not None:
        limits.expect(request._request, limits.limit_of(limits.USER), str(user_id))


def _require_good(signed_in: ApiSession | ApiToken) -> None:
    standing = signed_in.standing(timezone.now())
    if standing != Standing.GOOD:
        raise BadToken(f"The token counts no more. {OVER[standing]}")
