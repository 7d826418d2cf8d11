"""Reads of single records, kept until somebody changes one.

Valkey holds each value beside a *generation*, a random token that every change of what the value
tells replaces, together with the pulse of records. A process holds values too, each under the
pulse that it was read under.
"""

from collections.abc import Callable, Hashable
from dataclasses import KW_ONLY, dataclass
from operator import attrgetter
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction

from apps.core.cache import statistics
from apps.core.cache.flights import load_in_turn
from apps.core.cache.memory import memory
from apps.core.cache.moments import RECORDS, ask_anew, current_moment, new_token
from apps.core.cache.outages import EPOCH, replace
from apps.core.cache.registry import K, Per, Read, T
from apps.core.models import Record


@dataclass(frozen=True, eq=False)
class CachedRead(Read[K, T]):
    """A read-through cache over ``load(key)``, invalidated per key.

    ``of`` is the model whose records, by ``key``, the values tell: saving or deleting one forgets
    its value. What changes rows otherwise calls ``forget``.

    A slow reader stores the stale value that it read before a change under a generation that no
    longer counts. A transaction that changed what a value tells reads it from the database until
    it ends. None, of something that is not there, is not kept. Without Valkey every call loads.
    """

    _: KW_ONLY
    per: Per = Per.RECORD
    of: type[Record] | None = None
    key: Callable[[Any], Any] = attrgetter("pk")

    def __post_init__(self) -> None:
        """Make it known to its model too."""
        super().__post_init__()
        if self.of is not None:
            self.of.forgotten_by = (*self.of.forgotten_by, self._forget_record)

    def __call__(self, key: K) -> T:
        """Return the value for ``key``. Queries: 0 on a hit, those of ``load`` on a miss."""
        if self._is_being_changed(key):
            return self.load(key)
        moment = current_moment()
        if moment is None:
            return self._read(key)
        if moment.loaded is not None:
            return self._load_once(key, moment.loaded)
        pulse = moment.ask().records
        if not pulse:
            statistics.count(self.name, hit=False)
            return self.load(key)
        held: T | None = memory.get((self.name, key), pulse)
        if held is not None:
            statistics.count(self.name, hit=True)
            return held
        value = self._read(key)
        if value is not None:
            memory.put((self.name, key), pulse, value)
        return value

    def forget(self, *keys: K) -> None:
        """Drop ``keys`` for every process once the current transaction commits."""
        transaction.on_commit(Renewal(self, keys))

    def renew(self, *keys: K) -> None:
        """Drop ``keys`` for every process now; of a Valkey that is away, when it is back."""
        tokens = {self.key_of(key): new_token() for key in keys}
        replace({**tokens, RECORDS: new_token()})
        ask_anew()

    def _forget_record(self, record: Record) -> None:
        self.forget(self.key(record))

    def _load_once(self, key: K, loaded: dict[Hashable, Any]) -> T:
        name = (self.name, key)
        if name not in loaded:
            loaded[name] = self.load(key)
        value: T = loaded[name]
        return value

    def _is_being_changed(self, key: K) -> bool:
        waiting = connection.run_on_commit
        return bool(waiting) and any(
            isinstance(each, Renewal) and each.read is self and key in each.keys
            for _, each, *_ in waiting
        )

    def _read(self, key: K) -> T:
        found = self._look(key)
        if found is not None:
            statistics.count(self.name, hit=True)
            return found
        value, is_loaded = load_in_turn(
            self.key_of(key), lambda: self._look(key), lambda: self._load(key)
        )
        statistics.count(self.name, hit=not is_loaded)
        return value

    def _look(self, key: K) -> T | None:
        """Return the value that Valkey has for the generation of now."""
        generation_key, value_key = self.key_of(key), self.value_key_of(key)
        found = cache.get_many([generation_key, value_key, EPOCH])  # One way to Valkey and back.
        stored: tuple[tuple[str, str], T] | None = found.get(value_key)
        if stored is None or stored[0] != (found.get(generation_key), found.get(EPOCH)):
            return None
        return stored[1]

    def _load(self, key: K) -> T:
        """Load the value, and keep it for the generation that there was before."""
        generation_key = self.key_of(key)
        found = cache.get_many([generation_key, EPOCH])
        generation = found.get(generation_key) or cache.get_or_set(
            generation_key, new_token, timeout=None
        )
        value = self.load(key)
        if generation and value is not None:
            kept = ((generation, found.get(EPOCH)), value)
            cache.set(self.value_key_of(key), kept, timeout=self.ttl_seconds)
        return value


@dataclass(frozen=True, slots=True, eq=False)
class Renewal:
    """What a transaction does to a read when it commits."""

    read: CachedRead[Any, Any]
    keys: tuple[Any, ...]

    def __call__(self) -> None:
        """Do it."""
        self.read.renew(*self.keys)
