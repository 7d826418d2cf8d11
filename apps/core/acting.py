"""Who acts, and through which door: known to the whole request, task or command."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import NamedTuple

from django.db import models

from apps.core import request_id as request_ids


class Source(models.TextChoices):
    """The doors through which changes come in."""

    ADMIN = "admin", "The office"
    API = "api", "The API"
    TASKS = "tasks", "Task pages"
    WEB = "web", "Other pages"
    WORKER = "worker", "A background task"
    IMPORT = "import", "An import"
    COMMAND = "command", "A command"
    SQL = "sql", "SQL, outside Andon"


class Acting(NamedTuple):
    """Who acts (a user's key; None for nobody), through which door, for which request."""

    find_actor: Callable[[], int | None]
    source: Source
    request_id: str

    @property
    def actor_id(self) -> int | None:
        """The user's key, found when it is asked for: a request may sign its user in midway."""
        return self.find_actor()


_current: ContextVar[Acting | None] = ContextVar("acting", default=None)


def acting() -> Acting | None:
    """Return who acts now; None outside any context."""
    return _current.get()


class _As:
    """Has an acting be the present one. A class: a generator would cost each request more."""

    __slots__ = ("_acting", "_token")

    def __init__(self, who: Acting) -> None:
        self._acting = who

    def __enter__(self) -> None:
        self._token = _current.set(self._acting)

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


def acting_as(
    actor: int | Callable[[], int | None] | None,
    source: Source,
    request_id: str | None = None,
) -> AbstractContextManager[None]:
    """Have every change inside bear the actor, the source and the request's id.

    ``actor`` is a user's key, or a function that finds it when the first change is written. The
    innermost context counts. The request's id is the present one unless given.
    """
    find = actor if callable(actor) else lambda: actor
    return _As(Acting(find, source, request_id or request_ids.current()))


def coming_through(source: Source) -> AbstractContextManager[None]:
    """Have every change inside bear another door, and the actor that there is."""
    who = acting()
    return acting_as(who.find_actor if who else None, source, who.request_id if who else None)
