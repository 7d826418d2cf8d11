"""A shared terminal in requests: its cookie, who was here, and sessions that begin here."""

from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY, login
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from apps.accounts.models import Terminal, User
from apps.accounts.models.api_tokens import digest
from apps.accounts.selectors import known_terminal
from apps.accounts.services import SetUp
from apps.accounts.states import LOCK_GRACE, SHIFT

DEVICE = "andon_terminal"  # The cookie with the terminal's key and its secret.
PEOPLE = "andon_people"  # The cookie with the keys of who signed in here, the last one first.
TOUCHED = "andon_touched"  # The cookie that says by its signature when its user last did something.
BEGUN_AT = "terminal"  # In a session: the key of the terminal at which it began.
SCANNED = "badge"  # In a session: a badge scanned on another page, until the next asks who is here.
BACKEND = "apps.accounts.backends.TerminalBackend"
# Source: RFC 6265bis, section 5.5: a browser keeps a cookie for 400 days at most.
KEPT = timedelta(days=400)
PEOPLE_AT_MOST = 12
RENEWED = timedelta(seconds=10)  # So old a mark of being touched is written anew.


def terminal_of(request: HttpRequest) -> Terminal | None:
    """Return the terminal that the calling device is, if it is one. Queries: 0 while cached."""
    if not hasattr(request, "_terminal"):
        request._terminal = _find(request)  # type: ignore[attr-defined]  # ours alone
    return cast("Terminal | None", request._terminal)  # type: ignore[attr-defined]


def _find(request: HttpRequest) -> Terminal | None:
    said = _read(request, DEVICE)
    key, _, secret = said.partition(".")
    terminal = known_terminal(int(key)) if key else None
    if terminal is None or not terminal.is_active:
        return None
    return terminal if constant_time_compare(digest(secret), terminal.secret_digest) else None


def mark_device(response: HttpResponse, made: SetUp) -> None:
    """Make the device that gets the answer a terminal; who was there before is forgotten."""
    _write(response, DEVICE, f"{made.terminal.pk}.{made.secret}")
    response.delete_cookie(PEOPLE)


def renew_device(request: HttpRequest, response: HttpResponse) -> None:
    """Have a terminal in use never run out of time."""
    _write(response, DEVICE, _read(request, DEVICE))


def people_at(request: HttpRequest) -> list[int]:
    """Return the keys of who signed in at this device lately, the last one first."""
    return [int(key) for key in _read(request, PEOPLE).split(".") if key]


def note_person(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Remember on the device that somebody was here."""
    others = [key for key in people_at(request) if key != user.pk]
    keys = [user.pk, *others][:PEOPLE_AT_MOST]
    _write(response, PEOPLE, ".".join(map(str, keys)))


def keep_badge(request: HttpRequest, badge: str) -> None:
    """Keep a badge that was scanned on another page for the one that asks who is here.

    In the session and not in that page's address, which logs and histories keep.
    """
    if terminal_of(request):
        request.session[SCANNED] = badge


def take_badge(request: HttpRequest) -> str:
    """Return the badge that was kept, once."""
    return cast("str", request.session.pop(SCANNED, ""))


def sign_in(request: HttpRequest, user: User, terminal: Terminal) -> None:
    """Begin a session for who has shown a badge or a PIN; the one before it ends."""
    request.session.flush()
    user.at_terminal = True  # What stands for the PIN too is kept in the session.
    login(request, user, backend=BACKEND)
    begin_at(request, terminal)


def begin_at(request: HttpRequest, terminal: Terminal) -> None:
    """Have the session stay at the terminal, and end with a shift, however much is done in it."""
    request.session[BEGUN_AT] = terminal.pk
    request.session.set_expiry(timezone.now() + SHIFT)
    _note_touch(request)


def is_over(request: HttpRequest) -> bool:
    """Whether the session began at a terminal that the device is not, or that nobody touches.

    The page locks an untouched terminal to the second; this holds where the page could not, asleep
    or without its script. When it was touched its own cookie says: no store is asked.
    """
    begun_at = request.session.get(BEGUN_AT)
    if begun_at is None:
        return False
    terminal = terminal_of(request)
    if terminal is None or terminal.pk != begun_at:
        return True
    if _is_touched(request, RENEWED):
        return False
    _note_touch(request)
    locks_after = timedelta(seconds=terminal.lock_after_seconds)
    return not _is_touched(request, locks_after + LOCK_GRACE)


def mark_touched(request: HttpRequest, response: HttpResponse) -> None:
    """Write on the device that its user did something, where that was noted."""
    if hasattr(request, "_is_touched") and (user_key := request.session.get(SESSION_KEY)):
        _write(response, TOUCHED, user_key)


def _note_touch(request: HttpRequest) -> None:
    request._is_touched = True  # type: ignore[attr-defined]  # ours alone


def _is_touched(request: HttpRequest, within: timedelta) -> bool:
    return _read(request, TOUCHED, within) == request.session.get(SESSION_KEY)


def _read(request: HttpRequest, name: str, within: timedelta | None = None) -> str:
    read = request.get_signed_cookie(name, default="", salt=__name__, max_age=within)
    return cast("str", read)


def _write(response: HttpResponse, name: str, value: str) -> None:
    marks: dict[str, Any] = {"httponly": True, "samesite": "Lax"}
    secure = settings.SESSION_COOKIE_SECURE
    response.set_signed_cookie(name, value, salt=__name__, max_age=KEPT, secure=secure, **marks)
