"""Who acts, and through which door: known to the whole request, task or command."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Acting:
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


@contextmanager
def acting_as(
    actor: int | Callable[[], int | None] | None,
    source: Source,
    request_id: str | None = None,
) -> Iterator[None]:
    """Have every change inside bear the actor, the source and the request's id.

    ``actor`` is a user's key, or a function that finds it when the first change is written. The
    innermost context counts. The request's id is the present one unless given.
    """
    find = actor if callable(actor) else lambda: actor
    token = _current.set(Acting(find, source, request_id or request_ids.current()))
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def coming_through(source: Source) -> Iterator[None]:
    """Have every change inside bear another door, and the actor that there is."""
    who = acting()
    with acting_as(who.find_actor if who else None, source, who.request_id if who else None):
        yield
