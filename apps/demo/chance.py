"""The demo's dice."""

from random import Random


def happens(rng: Random, share: float) -> bool:
    """Whether something happens that happens in so large a share of the cases."""
    return rng.random() < share
