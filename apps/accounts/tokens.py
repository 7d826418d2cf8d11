"""Signed tokens of programs that signed in: issued and read here, and nowhere else.

Source: RFC 7519 (JWT), RFC 8725 (best current practices): one algorithm, pinned; a key for this
purpose alone; the kind of token stated and checked; nothing optional.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

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

Kind = Literal["access", "refresh"]
_REQUIRED = ("exp", "iat", "sub", "sid", "gen", "typ")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says: of which session it is, and of which generation."""

    session_id: int
    user_id: int
    generation: int


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
    said = _decode(token)
    if said["typ"] != kind:
        raise BadToken(f"This is no {kind} token.")
    return Claims(int(said["sid"]), int(said["sub"]), int(said["gen"]))


def _decode(token: str) -> dict[str, Any]:
    if len(token) > LONGEST:
        raise BadToken("This is no token of ours.")
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
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
            raise BadToken("The token has expired.") from error
        except jwt.InvalidTokenError as error:
            raise BadToken("This is no token of ours.") from error
        return said
    raise BadToken("This is no token of ours.")


@lru_cache(maxsize=8)
def _key(secret: str) -> bytes:
    """Derive the key, so that nothing else that the secret signs passes for a token."""
    return salted_hmac(__name__, "signing key", secret=secret, algorithm="sha256").digest()
