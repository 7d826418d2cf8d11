"""What counters say, and whether it is what the rows say."""

from collections.abc import Callable

import pytest

from apps.counters.selectors import find_differences, read


@pytest.fixture
def assert_exact(db) -> Callable[[], None]:
    """Assert that every counter says what the rows say."""

    def run() -> None:
        assert find_differences() == []

    return run


@pytest.fixture
def counted(assert_exact) -> Callable[..., dict]:
    """Return a function that reads a counter as counts, or as sums where it has some.

    It is exact then; a test that says what it expects also shows that "exact" is right.
    """

    def run(counter, *, sums: bool = False) -> dict:
        assert_exact()
        tally = read(counter)[counter]
        return {keys: each.sums if sums else each.count for keys, each in tally.items()}

    return run
