"""Reads of many records, kept while the database's state is the same.

The state is told by ``pg_current_snapshot()``: it changes with every commit of whoever, raw SQL
included, and is the same as long as there is none. It is asked for once in a quarter of a second
for all processes, and at once for a session that has just written, or when the pulse of writes
says that a task or a command may have. So who wrote reads it, whichever process answers; others
read it within that quarter of a second.

Source: PostgreSQL manual, "Transaction ID and Snapshot Information Functions".
"""

import time
from dataclasses import KW_ONLY, dataclass
from threading import Lock
from typing import Generic, NamedTuple

from django.core.cache import cache
from django.db import connection

from apps.core.cache import statistics
from apps.core.cache.flights import load_alone
from apps.core.cache.memory import memory
from apps.core.cache.moments import (
    Moment,
    current_moment,
    reading_the_database,
    tell_state,
)
from apps.core.cache.registry import K, Per, Read, T

KNOWN_FOR = 0.25  # Seconds for which what is known of the state is believed.
ON_THE_WAY = 0.01  # Seconds of them in which what one knows reaches the others.
PATIENCE = 1.0  # Seconds that a thread waits for another to ask.
SNAPSHOT = "SELECT pg_current_snapshot()::text"

State = tuple[int, int]
"""The first transaction that had not ended; and, negative, how many before it had not either.

A later state is the greater one: the first number never falls, and while it is the same the
second only nears 0. So equal numbers are equal states.
"""


@dataclass(frozen=True, slots=True)
class _Known:
    """The state as this process asked for it last, when, and under which pulse."""

    state: State = (0, 0)
    asked_at: float = float("-inf")
    pulse: bytes = b""

    def is_good_for(self, moment: Moment) -> bool:
        """Whether nothing that the moment must see can have been committed since."""
        if moment.may_write or time.monotonic() - self.asked_at >= KNOWN_FOR:
            return False
        pulses = moment.ask()
        if self.asked_at >= moment.asked_at:
            return True
        return bool(pulses.writes) and self.pulse == pulses.writes and not pulses.has_written


class _Knowledge:
    """What this process knows of the state: one thread asks, the others wait for it."""

    def __init__(self) -> None:
        self._known = _Known()
        self._lock = Lock()

    def state_for(self, moment: Moment) -> State:
        """Return the state, no older than the moment may see it. Queries: 1 at most."""
        if not moment.may_write:
            pulses = moment.ask()
            if pulses.state and not pulses.has_written:
                return _read_told(pulses.state)
        if self._known.is_good_for(moment):
            return self._known.state
        is_locked = self._lock.acquire(timeout=PATIENCE)
        try:
            if self._known.is_good_for(moment):
                return self._known.state
            pulses = moment.ask()
            state = self.ask(pulses.writes)
            # For who has written it is later than others need know: they would load for nothing.
            if pulses.writes and not moment.may_write and not pulses.has_written:
                self._tell_others()
            return state
        finally:
            if is_locked:
                self._lock.release()

    def _tell_others(self) -> None:
        """Tell what is known, for as long as it is believed: that counts from when it was asked."""
        known = self._known
        left = KNOWN_FOR - (time.monotonic() - known.asked_at) - ON_THE_WAY
        if left > 0:
            tell_state(known.pulse, _tell(known.state), known_for=int(1_000 * left) or 1)

    def ask(self, pulse: bytes) -> State:
        """Ask the database. Queries: 1."""
        asked_at = time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute(SNAPSHOT)
            state = _read(cursor.fetchone()[0])
        self._known = _Known(state, asked_at, pulse)
        return state


def _tell(state: State) -> bytes:
    return b"%d,%d" % state


def _read_told(text: bytes) -> State:
    first, waiting = text.split(b",")
    return int(first), int(waiting)


def _read(snapshot: str) -> State:
    """Read ``xmin:xmax:xip,xip,…``."""
    _, unended, waiting = snapshot.split(":")
    return int(unended), -(waiting.count(",") + 1) if waiting else 0


_knowledge = _Knowledge()


class Kept(NamedTuple, Generic[T]):
    """A value with the state that it tells at least, and until when it counts by the clock."""

    state: State
    until: float
    value: T


@dataclass(frozen=True, eq=False)
class StateRead(Read[K, T]):
    """A read-through cache over ``load(key)``, kept while nothing at all was committed.

    The clock changes no state: what depends on the date has the date in its key. Within a
    transaction every call loads, so that it reads what it wrote.
    """

    _: KW_ONLY
    per: Per = Per.SHOP

    def __call__(self, key: K) -> T:
        """Return the value for ``key``. Queries: 1 at most, and on a miss those of ``load`` + 1."""
        if connection.in_atomic_block:
            return self.load(key)
        moment = current_moment() or Moment(may_write=True)
        pulse, state = moment.ask().writes, _knowledge.state_for(moment)
        held = self._held(key, pulse, state)
        if held is not None:
            statistics.count(self.name, hit=True)
            return held.value
        kept, is_loaded = load_alone(
            self.key_of(key),
            lambda: self._held(key, pulse, state) or self._stored(key, pulse, state),
            lambda: self._load(key, pulse),
        )
        statistics.count(self.name, hit=not is_loaded)
        return kept.value

    def _held(self, key: K, pulse: bytes, state: State) -> Kept[T] | None:
        """Return what this process holds, if it is of the state or a later one."""
        return _if_good(memory.get((self.name, key), pulse), state)

    def _stored(self, key: K, pulse: bytes, state: State) -> Kept[T] | None:
        """Return what Valkey has, likewise; without a pulse there is no Valkey."""
        kept = _if_good(cache.get(self.value_key_of(key)), state) if pulse else None
        if kept is not None:
            memory.put((self.name, key), pulse, kept)
        return kept

    def _load(self, key: K, pulse: bytes) -> Kept[T]:
        state = _knowledge.ask(pulse)  # Those who wait may have been told a later one meanwhile.
        with reading_the_database():
            value = self.load(key)
        kept = Kept(state, time.time() + self.ttl_seconds, value)
        memory.put((self.name, key), pulse, kept)
        if pulse:
            cache.set(self.value_key_of(key), kept, timeout=self.ttl_seconds)
        return kept


def _if_good(kept: Kept[T] | None, state: State) -> Kept[T] | None:
    return kept if kept is not None and kept.state >= state and time.time() < kept.until else None
