"""Reads about roles and permissions, and who is signed in."""

from collections.abc import Iterable
from typing import TypeVar

from django.contrib.auth.models import Permission

from apps.accounts.models import ApiSession, ApiToken, Role, Terminal, User
from apps.accounts.roles import HIDDEN_APPS
from apps.core.cache import CachedRead, HeldRead, Per
from apps.core.kept import KeptRecord, own_copy

S = TypeVar("S", ApiSession, ApiToken)
R = TypeVar("R", User, ApiSession, ApiToken)


def _load(role_id: int) -> frozenset[str]:
    rows = Permission.objects.filter(group__role=role_id).values_list(
        "content_type__app_label", "codename"
    )
    return frozenset(f"{app}.{codename}" for app, codename in rows)


def _load_auth_hashes(user_id: int) -> tuple[tuple[str, ...], ...] | None:
    user = User.objects.filter(pk=user_id).first()
    return user and tuple(user.session_hashes(with_pin=with_pin) for with_pin in (False, True))


def _roles() -> Iterable[int]:
    return Role.objects.values_list("pk", flat=True)


role_permissions = CachedRead("accounts.role_permissions", _load, per=Per.ROLE, warm=_roles)
"""The permissions of a role, as ``app.codename``; keyed by role id."""

# No hash of a password or PIN leaves the database: only what Django signs of it, with our key.
_auth_hashes = CachedRead("accounts.session_hashes", _load_auth_hashes, per=Per.USER, of=User)
_user = KeptRecord(User, without=("password", "pin"), per=Per.USER)
_role = KeptRecord(Role, per=Per.ROLE, warm=_roles)
_api_session = KeptRecord(ApiSession)
_api_token = KeptRecord(ApiToken, by="digest")
known_terminal = KeptRecord(Terminal)
"""A shared terminal by its key, as it is kept: every request from one asks for it."""


def known_user(user_id: int) -> User | None:
    """Return a user with their role, to sign them in by; None without one.

    Password and PIN are read when they are asked for. Queries: 0 while cached, else at most 3.
    """
    return _own(_held_user(user_id))


def known_api_session(session_id: int) -> ApiSession | None:
    """Return an API session with its user; None without one. Queries: 0 while cached."""
    return _own(_held_api_session(session_id))


def known_api_token(digest: str) -> ApiToken | None:
    """Return the API token of a digest with its user; None without. Queries: 0 while cached."""
    return _own(_held_api_token(digest))


def last_user_of(session_id: int) -> int | None:
    """Return whose API session it was when this process last looked, if it did.

    It may have been revoked since: it says whom to expect, and nobody is signed in by it.
    """
    session = _held_api_session.last(session_id)
    return session.user_id if session else None


def _own(found: R | None) -> R | None:
    return None if found is None else own_copy(found)


def _with_role(user_id: int) -> User | None:
    user, hashes = _user(user_id), _auth_hashes(user_id)
    role = _role(user.role_id) if user else None
    if user is None or hashes is None or role is None:
        return None
    user.role, user.auth_hashes = role, hashes
    if not role.is_administrator:
        user.role_permissions = role_permissions(role.pk)
    return user


def _with_user(found: S | None) -> S | None:
    user = known_user(found.user_id) if found else None
    if found is None or user is None:
        return None
    found.user = user
    return found


def _judged(session_id: int) -> ApiSession | None:
    session = _with_user(_api_session(session_id))
    if session is not None:
        _ = session.is_of_this_password  # Reckoned here once, for all who get a copy.
    return session


_held_user = HeldRead("accounts.user", _with_role)
_held_api_session: HeldRead[int, ApiSession] = HeldRead("accounts.api_session", _judged)
_held_api_token: HeldRead[str, ApiToken] = HeldRead(
    "accounts.api_token", lambda digest: _with_user(_api_token(digest))
)


def permissions_named(names: Iterable[str]) -> dict[str, Permission]:
    """Return those of the permissions, as ``app.codename``, that a role can have. Queries: 1."""
    found = Permission.objects.exclude(content_type__app_label__in=HIDDEN_APPS).filter(
        codename__in={name.rpartition(".")[2] for name in names}
    )
    by_name = {
        f"{each.content_type.app_label}.{each.codename}": each
        for each in found.select_related("content_type")
    }
    return {name: by_name[name] for name in names if name in by_name}
