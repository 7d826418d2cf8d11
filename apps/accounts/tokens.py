"""Signed tokens of programs that signed in: issued and read here, and nowhere else.

Source: RFC 7519 (JWT), RFC 8725 (best current practices): one algorithm, pinned; a key for this
purpose alone; the kind of token stated and checked; nothing optional.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import jwt
from django.conf import settings
from django.utils.crypto import salted_hmac

from apps.accounts.errors import BadToken

ACCESS_LIFETIME = timedelta(minutes=10)
REFRESH_LIFETIME = timedelta(days=14)
LEEWAY = timedelta(seconds=5)  # Between the clocks of two web servers.
ALGORITHM = "HS256"
# Ours have about 250 letters; a token's header is parsed before its signature is checked.
LONGEST = 512
REMEMBERED = 2_048  # Tokens whose signature this process has checked.
EXPIRED = "The token has expired."

Kind = Literal["access", "refresh"]
_REQUIRED = ("exp", "iat", "sub", "sid", "gen", "typ")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says: of which session it is, and of which generation."""

    session_id: int
    user_id: int
    generation: int


class _Said(NamedTuple):
    """A token that we signed: of which kind, and when it ends for the last of our clocks."""

    kind: str
    ends_at: float
    claims: Claims


def issue(kind: Kind, claims: Claims, *, expires_at: datetime) -> str:
    """Return a signed token."""
    said = {
        "typ": kind,
        "sub": str(claims.user_id),
        "sid": claims.session_id,
        "gen": claims.generation,
        "iat": datetime.now(UTC),
        "exp": expires_at,
    }
    return jwt.encode(said, _key(settings.SECRET_KEY), algorithm=ALGORITHM)


def read(kind: Kind, token: str) -> Claims:
    """Return what a token of ours says. Raises: BadToken."""
    if len(token) > LONGEST:
        raise BadToken("This is no token of ours.")
    said = _decode(token, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))
    if time.time() >= said.ends_at:
        raise BadToken(EXPIRED)
    if said.kind != kind:
        raise BadToken(f"This is no {kind} token.")
    return said.claims


@lru_cache(maxsize=REMEMBERED)
def _decode(token: str, secrets: tuple[str, ...]) -> _Said:
    """Return what a token says whose signature is good. Raises: BadToken.

    It is as good as long as the secrets are the same; what the clock changes, ``read`` asks.
    """
    for secret in secrets:
        try:
            said: dict[str, Any] = jwt.decode(
                token,
                _key(secret),
                algorithms=[ALGORITHM],
                options={"require": list(_REQUIRED)},
                leeway=LEEWAY,
            )
        except jwt.InvalidSignatureError:
            continue
        except jwt.ExpiredSignatureError as error:
            raise BadToken(EXPIRED) from error
        except jwt.InvalidTokenError as error:
            raise BadToken("This is no token of ours.") from error
        claims = Claims(int(said["sid"]), int(said["sub"]), int(said["gen"]))
        return _Said(said["typ"], said["exp"] + LEEWAY.total_seconds(), claims)
    raise BadToken("This is no token of ours.")


@lru_cache(maxsize=8)
def _key(secret: str) -> bytes:
    """Derive the key, so that nothing else that the secret signs passes for a token."""
    return salted_hmac(__name__, "signing key", secret=secret, algorithm="sha256").digest()
