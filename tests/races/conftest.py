"""A race for each test that asks for one."""

from collections.abc import Iterator

import pytest

from tests.races.racing import Race


@pytest.fixture
def race(request: pytest.FixtureRequest, committed: None) -> Iterator[Race]:
    """Racers on a database whose commits are real."""
    with Race(seed=request.node.name) as racers:
        yield racers
