"""Signing in and out, and who is signed in."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, ClassVar, cast

from django.contrib.auth import authenticate, logout
from django.http import HttpResponse
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from apps.accounts import services
from apps.accounts.api.serializers import Credentials, Me, Refresh, TokenPair
from apps.accounts.authentication import grant_of
from apps.accounts.errors import TokenStays, WrongCredentials
from apps.accounts.models import User
from apps.accounts.selectors import known_user
from apps.api.answers import Kept, answer, keep, nothing, tell
from apps.api.operations import operation
from apps.api.views import READ, ApiView
from apps.core.addresses import client_address
from apps.core.cache import Per, StateRead


class SecretView(ApiView):
    """An address whose answers nobody may keep."""

    keeps_answers = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Keep the answer, a refusal too, out of every cache."""
        self.said["Cache-Control"] = "no-store"
        super().initial(request, *args, **kwargs)


class OpenView(SecretView):
    """An address for who is not signed in yet; a cookie counts for nothing here."""

    authentication_classes = ()
    permission_classes = (AllowAny,)  # type: ignore[assignment]  # a tuple of another class
    limit_per_address = "auth"


class SignInView(OpenView):
    """A name and a password for a pair of tokens."""

    @operation(takes=Credentials, tells=TokenPair, refusals=(401,))
    def post(self, request: Request) -> HttpResponse:
        """Sign in with a name and a password."""
        said = self.read(Credentials)
        asked = request._request
        user = authenticate(asked, **said)
        if not isinstance(user, User):
            raise WrongCredentials("The name or the password is wrong, or the user is inactive.")
        pair = services.open_api_session(
            user,
            address=client_address(asked),
            user_agent=request.headers.get("User-Agent", ""),
        )
        return answer(asked, asdict(pair))


class RefreshView(OpenView):
    """A refresh token for the next pair."""

    @operation(takes=Refresh, tells=TokenPair, refusals=(401,))
    def post(self, request: Request) -> HttpResponse:
        """Get the next pair of tokens; the refresh token sent counts no more."""
        said = self.read(Refresh)
        return answer(request._request, asdict(services.refresh_api_session(said["refresh"])))


class SignOutView(SecretView):
    """The end of what one is signed in with."""

    scopes: ClassVar = {"post": READ}

    @operation(status=204, refusals=(409,))
    def post(self, request: Request) -> HttpResponse:
        """Sign out: the session and both its tokens count no more."""
        grant = grant_of(request)
        if grant.kind == "token":
            raise TokenStays("An API token has no session. It is revoked in the office.")
        if grant.kind == "cookie":
            logout(request._request)
        else:
            services.close_api_session(cast("int", grant.session_id))
        return nothing()


class MeView(ApiView):
    """Whoever asks."""

    @operation(tells=Me)
    def get(self, request: Request) -> HttpResponse:
        """Tell who is signed in, and what they may do. Queries: 0 while nothing changes, else 1."""
        self.asked()
        scopes = grant_of(request).scopes
        named = None if scopes is None else tuple(sorted(scopes))
        return tell(request._request, _me((self.actor.pk, self.actor.at_terminal, named)))


def _load_me(key: tuple[int, bool, tuple[str, ...] | None]) -> Kept:
    """Return what is told to a user, who may be at a terminal, of some scopes (None: of all)."""
    user_id, at_terminal, scopes = key
    user = cast("User", known_user(user_id))
    user.at_terminal = at_terminal
    told = {
        "id": user.pk,
        "username": user.username,
        "full_name": user.full_name,
        "email": user.email,
        "role": {"id": user.role_id, "name": user.role.name, "code": user.role.code},
        "is_staff": user.is_staff,
        "permissions": sorted(user.get_all_permissions()),
        "processes": list(_rights(user)),
        "scopes": scopes,
    }
    return keep(told)


_me = StateRead("accounts.me", _load_me, per=Per.USER)


def _rights(user: User) -> Iterator[dict[str, Any]]:
    rows = user.role.process_permissions.order_by("process__code").values_list(
        "process_id", "process__name", "process__code", "can_view", "can_execute", "can_supervise"
    )
    for key, name, code, view, execute, supervise in rows:
        yield {
            "process": {"id": key, "name": name, "code": code},
            "can_view": view,
            "can_execute": execute,
            "can_supervise": supervise,
        }
