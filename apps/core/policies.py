"""Asking for a permission."""

from typing import Any, Protocol

from django.utils.functional import Promise

from apps.core.errors import NotPermitted


class Actor(Protocol):
    """Who acts: a user, seen from below ``accounts``."""

    @property
    def pk(self) -> Any:
        """The actor's key."""

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Whether the actor holds ``app.codename``."""
        ...


def require(actor: Actor, permission: str, refusal: str | Promise) -> None:
    """Refuse unless the actor holds ``permission``; ``refusal`` is the sentence that says so.

    Raises: NotPermitted.
    """
    if not actor.has_perm(permission):
        raise NotPermitted(str(refusal), permission=permission)
