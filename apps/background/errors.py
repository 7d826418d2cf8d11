"""What the kit refuses."""

from apps.core.errors import Conflict, DomainError


class KeyReused(DomainError):
    """The idempotency key came before, with another request."""

    code = "idempotency_key_reused"
    status = 422


class KeyInUse(Conflict):
    """A request with the same idempotency key is still at work."""

    code = "idempotency_key_in_use"
