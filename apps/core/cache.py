"""Cached reads with exact invalidation, in two layers: this process, and Valkey.

Valkey holds each value beside a *generation*, a random token that every change of what the value
tells replaces. A process holds values too, each with the *pulse* under which it was read: one more
token, replaced with every generation of any value. A request asks for the pulse once; while it is
the same, what the process holds is exact, and no way to Valkey and back is taken for it.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from operator import attrgetter
from threading import Lock
from typing import Any, Generic, TypeVar
from uuid import uuid4

from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from apps.core.models import Record

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

ENTRIES_AT_MOST = 1_000  # Of one process.

PULSE = "pulse"


class _Memory:
    """What this process holds: the oldest leaves for the newest."""

    def __init__(self) -> None:
        self._held: dict[Hashable, tuple[str, Any]] = {}
        self._lock = Lock()

    def get(self, key: Hashable) -> tuple[str, Any] | None:
        return self._held.get(key)

    def put(self, key: Hashable, pulse: str, value: Any) -> None:
        with self._lock:
            self._held.pop(key, None)
            while len(self._held) >= ENTRIES_AT_MOST:
                del self._held[next(iter(self._held))]
            self._held[key] = (pulse, value)


@dataclass(slots=True)
class _Moment:
    """The pulse as one request found it: None before it asked, empty without Valkey."""

    pulse: str | None = None


_memory = _Memory()
_moment: ContextVar[_Moment | None] = ContextVar("cache_moment", default=None)


@contextmanager
def one_moment() -> Iterator[None]:
    """Let cached reads be served from memory: for the length of a request, not of a process."""
    token = _moment.set(_Moment())
    try:
        yield
    finally:
        _moment.reset(token)


class OneMomentMiddleware:
    """Each request is one moment."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the pulse asked for once at most."""
        with one_moment():
            return self.get_response(request)


@dataclass(frozen=True, slots=True, eq=False)
class CachedRead(Generic[K, T]):
    """A read-through cache over ``load(key)``, invalidated per key.

    ``of`` is the model whose records, by ``key``, the values tell: saving or deleting one forgets
    its value. What changes rows otherwise calls ``forget``.

    A slow reader stores the stale value that it read before a change under a generation that no
    longer counts. A transaction that changed what a value tells reads it from the database until
    it ends. None, of something that is not there, is not kept.

    ``ttl_seconds`` bounds how long a lost invalidation can hurt; it is not the invalidation.
    Raise ``version`` when the shape of T changes. Values are shared by threads: load what nobody
    alters. Without Valkey every call loads.
    """

    name: str
    load: Callable[[K], T]
    version: int = 1
    ttl_seconds: int = 300
    of: type[Record] | None = None
    key: Callable[[Any], Any] = field(default=attrgetter("pk"))

    def __post_init__(self) -> None:
        """Make it known to its model."""
        if self.of is not None:
            self.of.forgotten_by = (*self.of.forgotten_by, self._forget_record)

    def __call__(self, key: K) -> T:
        """Return the value for ``key``. Queries: 0 on a hit, those of ``load`` on a miss."""
        if self._is_being_changed(key):
            return self.load(key)
        moment = _moment.get()
        if moment is None:
            return self._read(key)
        pulse = _pulse(moment)
        if not pulse:
            return self.load(key)
        held = _memory.get((self.name, key))
        if held is not None and held[0] == pulse:
            value: T = held[1]
            return value
        value = self._read(key)
        if value is not None:
            _memory.put((self.name, key), pulse, value)
        return value

    def forget(self, *keys: K) -> None:
        """Drop ``keys`` for every process once the current transaction commits."""
        transaction.on_commit(Renewal(self, keys))

    def renew(self, *keys: K) -> None:
        """Drop ``keys`` for every process now."""
        tokens = {self._generation_key(key): _new_token() for key in keys}
        cache.set_many({**tokens, PULSE: _new_token()}, timeout=None)
        if moment := _moment.get():
            moment.pulse = None

    def _forget_record(self, record: Record) -> None:
        self.forget(self.key(record))

    def _is_being_changed(self, key: K) -> bool:
        return any(
            isinstance(waiting, Renewal) and waiting.read is self and key in waiting.keys
            for _, waiting, *_ in connection.run_on_commit
        )

    def _read(self, key: K) -> T:
        generation_key = self._generation_key(key)
        value_key = f"{generation_key}:value"
        found = cache.get_many([generation_key, value_key])  # One way to Valkey and back.
        generation = found.get(generation_key) or cache.get_or_set(
            generation_key, _new_token(), timeout=None
        )
        stored: tuple[str, T] | None = found.get(value_key)
        if stored is not None and stored[0] == generation:
            return stored[1]
        value = self.load(key)
        if generation and value is not None:
            cache.set(value_key, (generation, value), timeout=self.ttl_seconds)
        return value

    def _generation_key(self, key: K) -> str:
        return f"{self.name}:v{self.version}:{key}"


@dataclass(frozen=True, slots=True, eq=False)
class Renewal:
    """What a transaction does to a read when it commits."""

    read: CachedRead[Any, Any]
    keys: tuple[Any, ...]

    def __call__(self) -> None:
        """Do it."""
        self.read.renew(*self.keys)


def _pulse(moment: _Moment) -> str:
    if moment.pulse is None:
        moment.pulse = cache.get(PULSE) or _first_pulse()
    return moment.pulse


def _first_pulse() -> str:
    """Set the pulse of a Valkey that has none; return what everybody finds, if anything."""
    cache.add(PULSE, _new_token(), timeout=None)
    return cache.get(PULSE) or ""


def _new_token() -> str:
    return uuid4().hex
