"""Two tokens in Valkey, the pulses, that tell every process when something has changed.

The pulse of records is replaced by whoever changes a record that is kept by itself: while it is
the same, what a process holds of them is exact. The pulse of writes is replaced by every request,
task and command that may have changed anything: then the database is asked for its state at once.
A request asks for both, once.
"""

import time
from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import uuid4

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError

from apps.core import valkey

RECORDS, WRITES = "pulse", "pulse-of-writes"
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # Source: RFC 9110, section 9.2.1.
REFUSED = 400  # The first status of an answer to a request that changed nothing.


class Pulses(NamedTuple):
    """Both pulses, as Valkey holds them; empty without it."""

    records: bytes = b""
    writes: bytes = b""


@dataclass(slots=True)
class Moment:
    """A request, with the pulses as it found them: None before it asked.

    ``asked_at`` is when it asked, by the monotonic clock. ``may_write`` says that the request may
    change something: it is told what it has written itself. ``loaded`` is there while a value is
    loaded that tells the database's state: what else is read for it is read from the database.
    """

    may_write: bool = False
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
        return [_question()]

    def take(self, answers: Sequence[Sequence[bytes | None]], *, asked_at: float) -> None:
        """Take what was asked along; ``asked_at`` is the instant before, by the monotonic clock."""
        for said in answers:
            records, writes = said
            if records and writes:
                self.pulses, self.asked_at = Pulses(records, writes), asked_at


@lru_cache(maxsize=1)
def _question() -> tuple[str, ...]:
    """Return it as the cache spells its keys, which it does alike as long as it is."""
    return "MGET", str(cache.make_key(RECORDS)), str(cache.make_key(WRITES))


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


def one_moment(*, may_write: bool = False) -> AbstractContextManager[None]:
    """Let cached reads be served from memory: for the length of a request, not of a process."""
    return _Within(Moment(may_write))


def reading_the_database() -> AbstractContextManager[None]:
    """Have each cached read ask the database, once: what comes of them tells its state."""
    return _Within(Moment(may_write=True, loaded={}))


class OneMomentMiddleware:
    """Each request is one moment; one that changed something says so before it is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the pulses asked for once at most."""
        may_write = request.method not in SAFE
        with one_moment(may_write=may_write):
            response = self.get_response(request)
            if may_write and response.status_code < REFUSED:
                has_changed()
        return response


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
