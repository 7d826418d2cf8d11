"""The way to Valkey: one that failed is left alone for a while, each try costs a time-out."""

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

from django_redis import get_redis_connection  # type: ignore[import-untyped]
from redis import ConnectionPool, Redis
from redis.exceptions import ConnectionError, TimeoutError  # noqa: A004 - Redis' own names

PAUSE = 1.0  # Seconds.

_insisting: ContextVar[bool] = ContextVar("valkey_insisting", default=False)


class Paused(ConnectionError):
    """Valkey did not answer a moment ago, and is left alone."""


class _Kept(threading.local):
    """A thread's own connection, and the process that made it: none survives a fork."""

    process = 0
    connection: Any = None


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
        with self._pausing():
            return super().get_connection()

    def ask(self, commands: Sequence[Sequence[str | int]]) -> list[Any]:
        """Return the answers to commands, over the connection that the calling thread keeps.

        Taking one from the pool and giving it back would double what it costs.

        Raises: RedisError, OSError; Paused, at once, during the pause.
        """
        with self._pausing():
            connection = self._own()
            try:
                connection.send_packed_command(connection.pack_commands(commands))
                return [connection.read_response() for _ in commands]
            except BaseException:
                connection.disconnect()  # What nobody read would answer the next one.
                raise

    def _own(self) -> Any:
        """Return the thread's own connection; one that was closed meanwhile is made anew."""
        if self._kept.process != os.getpid():
            self._kept.connection = self.connection_class(**self.connection_kwargs)
            self._kept.process = os.getpid()
        connection = self._kept.connection
        if not _is_quiet(connection):
            connection.disconnect()  # What is sent next opens it anew.
        return connection

    @contextmanager
    def _pausing(self) -> Iterator[None]:
        if time.monotonic() < self._paused_until and not _insisting.get():
            raise Paused("Valkey did not answer a moment ago.")
        try:
            yield
        except (ConnectionError, TimeoutError):
            self._paused_until = time.monotonic() + PAUSE
            raise


def _is_quiet(connection: Any) -> bool:
    """Whether there is nothing to be read where nothing was asked: else it is the end."""
    try:
        return not connection.can_read()
    except (ConnectionError, TimeoutError, OSError):
        return False


@contextmanager
def insisting() -> Iterator[None]:
    """Try during a pause too: for what others would miss if they can reach Valkey."""
    token = _insisting.set(True)
    try:
        yield
    finally:
        _insisting.reset(token)


def own_client() -> Redis:
    """Return the cache's own connections, for what Django's cache has no words for."""
    return cast("Redis", get_redis_connection("default", write=True))


def ask(*commands: Sequence[str | int]) -> list[Any]:
    """Return the answers to commands that go to Valkey together, one way there and back.

    It is what a pipeline does at a third of its cost: for what every request asks.

    Raises: RedisError, OSError.
    """
    pool = cast("PausingPool", own_client().connection_pool)
    return pool.ask(commands)
