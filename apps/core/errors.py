"""Refusals: what a person or program is told when a rule says no, with a stable code."""

from typing import Any, ClassVar


class DomainError(Exception):
    """A rule said no. ``status`` is the HTTP status that means the same.

    ``field`` names the input at fault; ``details`` are facts a program may want.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409

    def __init__(self, message: str, *, field: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.details = details


class Invalid(DomainError):
    """What was sent cannot be right, whatever the state of the record."""

    code = "invalid"
    status = 400


class NotPermitted(DomainError):
    """The actor may not do this."""

    code = "not_permitted"
    status = 403


class Conflict(DomainError):
    """The present state does not allow it."""

    code = "conflict"


class InUse(Conflict):
    """Others refer to the record: it can be deactivated, not deleted."""

    code = "in_use"


class Stale(DomainError):
    """The record changed since the caller read it; ``details["current"]`` is its version now."""

    code = "stale"
    status = 412
