"""Reads about roles and permissions, and who is signed in."""

from collections.abc import Iterable
from typing import TypeVar

from django.contrib.auth.models import Permission

from apps.accounts.models import ApiSession, ApiToken, Role, Terminal, User
from apps.accounts.roles import HIDDEN_APPS
from apps.core.cache import CachedRead
from apps.core.kept import KeptRecord

S = TypeVar("S", ApiSession, ApiToken)


def _load(role_id: int) -> frozenset[str]:
    rows = Permission.objects.filter(group__role=role_id).values_list(
        "content_type__app_label", "codename"
    )
    return frozenset(f"{app}.{codename}" for app, codename in rows)


def _load_auth_hashes(user_id: int) -> tuple[str, ...] | None:
    user = User.objects.filter(pk=user_id).first()
    return user and (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())


role_permissions = CachedRead("accounts.role_permissions", _load)
"""The permissions of a role, as ``app.codename``; keyed by role id."""

# No hash of a password or PIN leaves the database: only what Django signs of it, with our key.
_auth_hashes = CachedRead("accounts.auth_hashes", _load_auth_hashes, of=User)
_user = KeptRecord(User, without=("password", "pin"))
_role = KeptRecord(Role)
_api_session = KeptRecord(ApiSession)
_api_token = KeptRecord(ApiToken, by="digest")
known_terminal = KeptRecord(Terminal)
"""A shared terminal by its key, as it is kept: every request from one asks for it."""


def known_user(user_id: int) -> User | None:
    """Return a user with their role, to sign them in by; None without one.

    Password and PIN are read when they are asked for. Queries: 0 while cached, else at most 3.
    """
    user, hashes = _user(user_id), _auth_hashes(user_id)
    role = _role(user.role_id) if user else None
    if user is None or hashes is None or role is None:
        return None
    user.role, user.auth_hashes = role, hashes
    return user


def known_api_session(session_id: int) -> ApiSession | None:
    """Return an API session with its user; None without one. Queries: 0 while cached."""
    return _with_user(_api_session(session_id))


def known_api_token(digest: str) -> ApiToken | None:
    """Return the API token of a digest with its user; None without. Queries: 0 while cached."""
    return _with_user(_api_token(digest))


def _with_user(found: S | None) -> S | None:
    if found is None:
        return None
    user = known_user(found.user_id)
    if user is None:
        return None
    found.user = user
    return found


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
