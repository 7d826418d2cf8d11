"""Of which open logs somebody said that they still work on them; kept with the session."""

from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone

KEY = "still_working"
HOLDS_FOR = timedelta(hours=12)  # Then it is asked again.


def said(request: HttpRequest) -> frozenset[int]:
    """Return the keys of the logs."""
    now = timezone.now()
    return frozenset(
        int(key)
        for key, at in _kept(request).items()
        if now - datetime.fromisoformat(at) < HOLDS_FOR
    )


def say(request: HttpRequest, log_id: int) -> None:
    """Keep that the user still works on it."""
    kept = {str(key): _kept(request)[str(key)] for key in said(request)}
    request.session[KEY] = kept | {str(log_id): timezone.now().isoformat()}


def _kept(request: HttpRequest) -> dict[str, str]:
    kept: dict[str, str] = request.session.get(KEY, {})
    return kept
