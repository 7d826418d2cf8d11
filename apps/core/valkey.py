"""The way to Valkey: one that failed is left alone for a while, each try costs a time-out."""

import builtins
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from typing import Any, cast

import hiredis
from django.conf import settings
from django_redis import get_redis_connection  # type: ignore[import-untyped]
from redis import ConnectionPool, Redis
from redis.exceptions import ConnectionError, TimeoutError  # noqa: A004 - Redis' own names

PAUSE = 1.0  # Seconds.
READ_AT_ONCE = 65_536  # Bytes.

_insisting: ContextVar[bool] = ContextVar("valkey_insisting", default=False)


class Paused(ConnectionError):
    """Valkey did not answer a moment ago, and is left alone."""


_NOTHING_YET = object()


class _Line:
    """A connection of one thread, over which questions go as bytes and answers come.

    The client library opens it; what that does around each question besides costs twice as much
    as the question.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._reader: Any = None

    def ask(self, commands: Sequence[Sequence[str | bytes | int]]) -> list[Any]:
        """Return the answers. A line that was cut meanwhile is opened anew, once.

        What was asked may then have been done twice: ask nothing that this would make wrong.

        Raises: RedisError, OSError.
        """
        if self._connection.is_connected:
            try:
                return self._ask(commands)
            except (ConnectionError, ConnectionResetError, BrokenPipeError):
                pass
        self._connection.connect_check_health(check_health=False)
        self._reader = self._new_reader()
        return self._ask(commands)

    def _ask(self, commands: Sequence[Sequence[str | bytes | int]]) -> list[Any]:
        socket = self._connection._sock
        try:
            packed = [hiredis.pack_command(cast("Any", tuple(each))) for each in commands]
            socket.sendall(b"".join(packed))
            return [self._read(socket) for _ in commands]
        except builtins.TimeoutError as error:
            self._connection.disconnect()
            raise TimeoutError("Valkey did not answer in time.") from error
        except BaseException:
            self._connection.disconnect()  # What nobody read would answer the next one.
            raise

    def _read(self, socket: Any) -> Any:
        while (said := self._reader.gets()) is _NOTHING_YET:
            received = socket.recv(READ_AT_ONCE)
            if not received:
                raise ConnectionError("Valkey closed the connection.")
            self._reader.feed(received)
        if isinstance(said, Exception):
            raise said
        return said

    def _new_reader(self) -> Any:
        told_by = self._connection._parser.parse_error
        return hiredis.Reader(replyError=told_by, notEnoughData=_NOTHING_YET)


class _Kept(threading.local):
    """A thread's own line, and the process that made it: none survives a fork."""

    process = 0
    line: Any = None


class PausingPool(ConnectionPool):
    """Connections of one process. For ``CONNECTION_POOL_CLASS``.

    A server that is stopped refuses at once; one that hangs, or a network that fell silent, costs
    each of a request's questions its time-out. After the first of them nobody asks for a while,
    and then all find it again by themselves.
    """

    _paused_until = float("-inf")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._kept = _Kept()

    def get_connection(self, *_: Any, **__: Any) -> Any:  # What is said is of no use any more.
        """Return a connection that answered when it was made.

        Raises: Paused, at once, during the pause.
        """
        self._require_unpaused()
        try:
            return super().get_connection()
        except (ConnectionError, TimeoutError):
            self._pause()
            raise

    def ask(self, commands: Sequence[Sequence[str | bytes | int]]) -> list[Any]:
        """Return the answers to commands, over the line that the calling thread keeps.

        Taking one from the pool and giving it back would double what it costs.

        Raises: RedisError, OSError; Paused, at once, during the pause.
        """
        self._require_unpaused()
        try:
            return self._own().ask(commands)
        except (ConnectionError, TimeoutError, OSError):
            self._pause()
            raise

    def _own(self) -> _Line:
        """Return the thread's own line."""
        kept = self._kept
        if kept.process != os.getpid():
            kept.line = _Line(self.connection_class(**self.connection_kwargs))
            kept.process = os.getpid()
        line: _Line = kept.line
        return line

    def _require_unpaused(self) -> None:
        if time.monotonic() < self._paused_until and not _insisting.get():
            raise Paused("Valkey did not answer a moment ago.")

    def _pause(self) -> None:
        self._paused_until = time.monotonic() + PAUSE


@contextmanager
def insisting() -> Iterator[None]:
    """Try during a pause too: for what others would miss if they can reach Valkey."""
    token = _insisting.set(True)
    try:
        yield
    finally:
        _insisting.reset(token)


@cache
def place(name: str) -> str:
    """Return where something lies in Valkey beside the cache, which may be cleared."""
    return f"{settings.CACHES['default']['KEY_PREFIX']}:{name}"


def own_client() -> Redis:
    """Return the cache's own connections, for what Django's cache has no words for."""
    return cast("Redis", get_redis_connection("default", write=True))


def ask(*commands: Sequence[str | bytes | int]) -> list[Any]:
    """Return the answers to commands that go to Valkey together, one way there and back.

    It is what a pipeline does at a third of its cost: for what every request asks.

    Raises: RedisError, OSError.
    """
    return _pool_at(settings.CACHES["default"]["LOCATION"]).ask(commands)


@lru_cache(maxsize=8)
def _pool_at(_location: str) -> PausingPool:
    """Return the cache's pool; of each address a process has one."""
    return cast("PausingPool", own_client().connection_pool)
