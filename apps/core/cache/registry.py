"""Every cached read there is: what it is called, whose answers it keeps, what is loaded early."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable
from dataclasses import KW_ONLY, dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from django.db import DatabaseError, InterfaceError
from psycopg_pool import PoolTimeout

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

logger = logging.getLogger(__name__)


class Per(StrEnum):
    """What a key tells apart. An answer is nobody else's: it is loaded from its key alone."""

    SHOP = "shop"
    ROLE = "role"
    USER = "user"
    RECORD = "record"


@dataclass(frozen=True, eq=False)
class Read(ABC, Generic[K, T]):
    """One declared read: ``load(key)``, kept by name and key.

    ``load`` is told the key and nothing else: whatever the answer depends on is in there.
    ``ttl_seconds`` bounds how long a lost invalidation can hurt; it is not the invalidation. Raise
    ``version`` when the shape of T changes. ``warm`` returns the keys that each web process loads
    when it starts. Values are shared by threads: load what nobody alters.
    """

    name: str
    load: Callable[[K], T]
    _: KW_ONLY
    per: Per
    ttl_seconds: int = 300
    version: int = 1
    warm: Callable[[], Iterable[K]] | None = None

    def __post_init__(self) -> None:
        """Make it known, under a name that no other has."""
        if self.name in _declared:
            message = f"There is a cached read called {self.name!r}: one would get the other's."
            raise ValueError(message)
        _declared[self.name] = self

    @abstractmethod
    def __call__(self, key: K) -> T:
        """Return the value for ``key``."""

    def key_of(self, key: K) -> str:
        """Return how ``key`` is spelled in Valkey; beside it lies what belongs to it."""
        return f"{self.name}:v{self.version}:{key}"

    def value_key_of(self, key: K) -> str:
        """Return where the value for ``key`` lies in Valkey."""
        return f"{self.key_of(key)}{VALUE}"


VALUE = ":value"

_declared: dict[str, Read[Any, Any]] = {}


def declared() -> tuple[Read[Any, Any], ...]:
    """Return every read, by name."""
    return tuple(_declared[name] for name in sorted(_declared))


def warm_up() -> None:
    """Load what every process is sure to be asked for. What fails now is loaded when asked for."""
    for read in declared():
        if read.warm is not None:
            _warm(read, read.warm)


def _warm(read: Read[Any, Any], keys: Callable[[], Iterable[Any]]) -> None:
    try:
        for key in keys():
            read(key)
    except (DatabaseError, InterfaceError, PoolTimeout) as error:
        logger.warning("%s could not be loaded early: %s", read.name, error)
