"""Cached reads that are never wrong, in two layers: this process, and Valkey.

``CachedRead`` keeps what is told of single records, until one who changes them says so.
``StateRead`` keeps what is told of many, for as long as nothing was committed to the database.
"""

from apps.core.cache.held import HeldRead
from apps.core.cache.moments import OneMomentMiddleware, has_changed, one_moment
from apps.core.cache.records import CachedRead, Renewal
from apps.core.cache.registry import Per, declared, warm_up
from apps.core.cache.states import StateRead

__all__ = [
    "CachedRead",
    "HeldRead",
    "OneMomentMiddleware",
    "Per",
    "Renewal",
    "StateRead",
    "declared",
    "has_changed",
    "one_moment",
    "warm_up",
]
