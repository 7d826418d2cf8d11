"""Tokens in Valkey that tell every process when something has changed.

The pulse of records is replaced by whoever changes a record that is kept by itself: while it is
the same, what a process holds of them is exact. The pulse of writes is replaced by every task and
command, which may have changed anything: then the database is asked for its state at once. So it
is for a session that has written a moment ago, of which it leaves a mark. Beside them lies the
state, as it was told to who asked last. A request asks for all of them, once.
"""

import time
from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractContextManager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError

from apps.core import valkey

RECORDS, WRITES, MARK, STATE = "pulse", "pulse-of-writes", "has-written", "state"
LATELY = 1  # Seconds that a mark stays: more than those for which a state is believed.
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # Source: RFC 9110, section 9.2.1.
_AND = b" "  # Between the pulse and the state; neither ends in one, and a state has none.
REFUSED = 400  # The first status of an answer to a request that changed nothing.


class Pulses(NamedTuple):
    """What Valkey holds of them, and whether who asks left a mark; empty without it.

    ``state`` is the database's, asked for under the pulse of writes a moment ago, or empty.
    """

    records: bytes = b""
    writes: bytes = b""
    has_written: bool = False
    state: bytes = b""


@dataclass(slots=True)
class Moment:
    """A request, with the pulses as it found them: None before it asked.

    ``asked_at`` is when it asked, by the monotonic clock. ``may_write`` says that the request may
    change something: it is told what it has written itself. ``session`` is whose mark is asked
    for. ``loaded`` is there while a value is loaded that tells the database's state: what else is
    read for it is read from the database.
    """

    may_write: bool = False
    session: str = ""
    loaded: dict[Hashable, Any] | None = None
    pulses: Pulses | None = None
    asked_at: float = 0.0

    def ask(self) -> Pulses:
        """Return the pulses. One way to Valkey and back, the first time."""
        if self.pulses is None:
            asked_at = time.monotonic()
            try:
                self.take(valkey.ask(*self.questions()), asked_at=asked_at)
                if self.pulses is None:
                    self.take(_begin(self.questions()), asked_at=asked_at)
            except (RedisError, OSError):
                self.pulses, self.asked_at = Pulses(), asked_at
        return self.pulses or Pulses()

    def questions(self) -> list[tuple[str, ...]]:
        """Return what Valkey is yet to be asked, for who asks it something anyway.

        The answers are for ``take``.
        """
        if self.pulses is not None:
            return []
        return [("MGET", *_pulses(), valkey.place(STATE), _mark(self.session))]

    def take(self, answers: Sequence[Sequence[bytes | None]], *, asked_at: float) -> None:
        """Take what was asked along; ``asked_at`` is the instant before, by the monotonic clock."""
        for said in answers:
            records, writes, state, mark = said
            if records and writes:
                pulse, _, told = (state or b"").rpartition(_AND)
                known = told if pulse == writes else b""
                self.pulses = Pulses(records, writes, mark is not None, known)
                self.asked_at = asked_at


@lru_cache(maxsize=1)
def _pulses() -> tuple[str, str]:
    """Return them as the cache spells its keys, which it does alike as long as it is."""
    return str(cache.make_key(RECORDS)), str(cache.make_key(WRITES))


def _mark(session: str) -> str:
    return f"{valkey.place(MARK)}:{session}"


def tell_state(pulse: bytes, state: bytes, *, known_for: int) -> None:
    """Tell every process the state that was asked for under a pulse, for some milliseconds."""
    with suppress(RedisError, OSError):
        valkey.ask(("SET", valkey.place(STATE), pulse + _AND + state, "PX", known_for))


def _begin(questions: Sequence[tuple[str, ...]]) -> list[Any]:
    """Set the pulses of a Valkey that has none; return what everybody finds."""
    for name in (RECORDS, WRITES):
        cache.add(name, new_token(), timeout=None)
    return valkey.ask(*questions)


_current: ContextVar[Moment | None] = ContextVar("cache_moment", default=None)


def current_moment() -> Moment | None:
    """Return the request's moment; None outside one."""
    return _current.get()


class _Within:
    """Has a moment be the present one. A class: a generator would cost each request more."""

    __slots__ = ("_moment", "_token")

    def __init__(self, moment: Moment) -> None:
        self._moment = moment

    def __enter__(self) -> None:
        self._token = _current.set(self._moment)

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


def one_moment(*, may_write: bool = False, session: str = "") -> AbstractContextManager[None]:
    """Let cached reads be served from memory: for the length of a request, not of a process."""
    return _Within(Moment(may_write, session))


def reading_the_database() -> AbstractContextManager[None]:
    """Have each cached read ask the database, once: what comes of them tells its state."""
    return _Within(Moment(may_write=True, loaded={}))


class OneMomentMiddleware:
    """Each request is one moment; one that changed something says so before it is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the pulses asked for once at most."""
        may_write, session = request.method not in SAFE, _session_of(request)
        with one_moment(may_write=may_write, session=session):
            response = self.get_response(request)
            if may_write and session and response.status_code < REFUSED:
                _has_written(session)
        return response


def _session_of(request: HttpRequest) -> str:
    """Return what names who asks, from one request to the next; empty for who says nothing."""
    said = request.headers.get("Authorization") or request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    return blake2b(said.encode(), digest_size=12).hexdigest() if said else ""


def _has_written(session: str) -> None:
    """Have a session's next reads ask the database for its state."""
    with suppress(RedisError, OSError), valkey.insisting():
        valkey.ask(("SET", _mark(session), 1, "EX", LATELY))
    ask_anew()


def has_changed() -> None:
    """Tell every process that something was committed.

    Without Valkey there are no pulses, and each request asks the database itself.
    """
    with valkey.insisting():
        cache.set(WRITES, new_token(), timeout=None)
    ask_anew()


def ask_anew() -> None:
    """Let the rest of this request find what has been changed within it."""
    if moment := _current.get():
        moment.pulses = None


def new_token() -> str:
    """Return what no other token is."""
    return uuid4().hex
