"""Refusals that any endpoint may meet."""

from apps.core.errors import DomainError, NotPermitted, Stale


class TooManyRequests(DomainError):
    """The caller asked more often than is allowed."""

    code = "too_many_requests"
    status = 429


class LengthRequired(DomainError):
    """A body must say how long it is: one sent in chunks would be read as empty."""

    code = "length_required"
    status = 411


class OutOfScope(NotPermitted):
    """The token is for less than that."""

    code = "out_of_scope"


class VersionRequired(DomainError):
    """A change must say which version it is of."""

    code = "version_required"
    status = 428


class Outdated(Stale):
    """The record changed since the caller read it; ``current`` is how it is now."""
