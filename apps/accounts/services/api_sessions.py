"""Programs signing in, staying signed in, and signing out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts import tokens
from apps.accounts.errors import BadToken
from apps.accounts.models import ApiSession, User
from apps.accounts.models.api_sessions import password_stamp
from apps.accounts.states import Revocation, Standing
from apps.core.policies import Actor, require

# An answer lost on its way is asked for again within this time: the refresh token before the
# present one then gets what it got before. Any later, or any older, it has been stolen.
RETRY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a program gets: an access token for requests, a refresh token for the next pair."""

    access: str
    refresh: str
    access_expires_at: datetime
    refresh_expires_at: datetime


def open_api_session(user: User, *, address: str, user_agent: str = "") -> Tokens:
    """Sign a program in, whose user's password has been checked."""
    now = timezone.now()
    session = ApiSession.objects.create(
        user=user,
        password_stamp=password_stamp(user),
        address=address,
        user_agent=user_agent.replace("\x00", "")[:200],
        refreshed_at=now,
        expires_at=now + tokens.REFRESH_LIFETIME,
    )
    return _tokens(session, now)


def refresh_api_session(refresh: str) -> Tokens:
    """Give the next pair of tokens for a refresh token, which then counts no more.

    One that was used already ends the session, for both who hold it: which of them is the thief
    nobody can tell. Within RETRY of its use it gets the pair of that use again.

    Raises: BadToken.
    Locks:  the session.
    """
    claims = tokens.read("refresh", refresh)
    with transaction.atomic(durable=True):  # What a reused token ends, the refusal must not undo.
        session = ApiSession.objects.with_labels().locked().filter(pk=claims.session_id).first()
        pair = _turn(session, claims.generation) if session else None
    if pair is None:
        raise BadToken("The session is over. Sign in again.")
    return pair


def _turn(session: ApiSession, generation: int) -> Tokens | None:
    now = timezone.now()
    if session.standing(now) != Standing.GOOD:
        return None
    is_retry = generation == session.generation - 1 and now - session.refreshed_at <= RETRY
    if generation == session.generation:
        session.generation += 1
        session.refreshed_at = now
        session.expires_at = now + tokens.REFRESH_LIFETIME
        session.save(update_fields=["generation", "refreshed_at", "expires_at"])
    elif not is_retry:
        _revoke(session, Revocation.REUSED)
        return None
    return _tokens(session, now)


def _tokens(session: ApiSession, now: datetime) -> Tokens:
    claims = tokens.Claims(session.pk, session.user_id, session.generation)
    access_expires_at = min(now + tokens.ACCESS_LIFETIME, session.expires_at)
    return Tokens(
        tokens.issue("access", claims, expires_at=access_expires_at),
        tokens.issue("refresh", claims, expires_at=session.expires_at),
        access_expires_at,
        session.expires_at,
    )


def close_api_session(session_id: int) -> None:
    """Sign a program out, at its own wish. Locks: the session."""
    _end(session_id, Revocation.SIGNED_OUT)


def revoke_api_session(session_id: int, *, actor: Actor) -> None:
    """Sign a program out for it.

    Raises: NotPermitted.
    Locks:  the session.
    """
    require(actor, "accounts.change_apisession", _("You may not sign programs out."))
    _end(session_id, Revocation.OFFICE)


@transaction.atomic
def _end(session_id: int, because: Revocation) -> None:
    session = ApiSession.objects.locked().filter(pk=session_id).first()
    if session and session.revoked_at is None:
        _revoke(session, because)


def _revoke(session: ApiSession, because: Revocation) -> None:
    session.revoked_at = timezone.now()
    session.revoked_because = because
    session.save(update_fields=["revoked_at", "revoked_because"])
