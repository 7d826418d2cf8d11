"""What the instruments refuse."""

from apps.core.errors import DomainError


class CacheAway(DomainError):
    """The cache does not answer."""

    code = "cache_away"
    status = 503
