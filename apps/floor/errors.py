"""What the floor refuses."""

from apps.core.errors import DomainError


class UnknownCode(DomainError):
    """A scanned code stands for nothing, or for nothing that the caller may see."""

    code = "unknown_code"
    status = 404
