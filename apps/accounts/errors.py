"""Refusals about users, roles and signing in."""

from apps.core.errors import Conflict, DomainError


class LastAdministrator(Conflict):
    """Nobody would be left who may do everything."""

    code = "last_administrator"


class WrongCredentials(DomainError):
    """No active user has this name and password."""

    code = "wrong_credentials"
    status = 401


class BadToken(DomainError):
    """The token is none of ours, or counts no longer."""

    code = "bad_token"
    status = 401


class SignInLocked(DomainError):
    """Too many wrong passwords: none is looked at. ``details["retry_after"]`` is in seconds."""

    code = "sign_in_locked"
    status = 429


class WrongPin(DomainError):
    """The badge or name and the PIN do not make an active user."""

    code = "wrong_pin"
    status = 401


class LinkOver(Conflict):
    """The link that sets a terminal up was used, replaced, or is too old."""

    code = "link_over"


class TokenStays(Conflict):
    """An API token has no session that could be signed out of."""

    code = "token_stays"
