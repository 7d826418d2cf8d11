"""Fixtures every test may use."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Role, User
from apps.accounts.services import seed_roles
from apps.machines.services import seed_reasons
from apps.shop.services import seed_shop
from tests.factories import make_user


@pytest.fixture(autouse=True)
def _begin_anew(request: pytest.FixtureRequest) -> None:
    """Every test begins with an empty cache and a seeded database, whatever ran before it.

    A test whose commits are real leaves its database empty.
    """
    marked = request.node.get_closest_marker("django_db")
    if not (marked or {"db", "transactional_db"} & set(request.fixturenames)):
        return
    cache.clear()
    real = "transactional_db" in request.fixturenames or (
        marked and marked.kwargs.get("transaction")
    )
    request.getfixturevalue("transactional_db" if real else "db")
    if not Role.objects.exists():
        seed()


def seed() -> None:
    """Make what every installation has from the start."""
    seed_shop()
    seed_roles()
    seed_reasons()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """Seed the test database once; tests that commit seed again for themselves."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        if not connection.settings_dict["NAME"].startswith("test_"):
            pytest.exit("No test database was made: mark what needs one with django_db.", 3)
        cache.clear()
        seed()


@pytest.fixture
def committed(transactional_db: None) -> None:
    """A seeded database whose commits are real, for threads, browsers and workers."""


@pytest.fixture
def sign_in(client: Client) -> Callable[[User], Client]:
    """Return a function that signs a user in and returns the client."""

    def run(user: User) -> Client:
        client.force_login(user)
        return client

    return run


@pytest.fixture
def planner(db: None) -> User:
    return make_user("planner")


@pytest.fixture
def manager(db: None) -> User:
    return make_user("manager")


@pytest.fixture
def administrator(db: None) -> User:
    return make_user("administrator")


@pytest.fixture
def operator(db: None) -> User:
    return make_user("operator")


@pytest.fixture
def supervisor(db: None) -> User:
    return make_user("supervisor")


@pytest.fixture
def viewer(db: None) -> User:
    return make_user("viewer")


@pytest.fixture
def assert_flat() -> Callable[..., int]:
    """Assert that work costs the same number of queries for few rows and for many.

    Returns that number, so that a test can also pin it.
    """

    def run(*, grow: Callable[[int], object], work: Callable[[], object]) -> int:
        counts = []
        for rows in (2, 20):
            grow(rows)
            work()  # Warm per-process caches: content types, permissions.
            with CaptureQueriesContext(connection) as captured:
                work()
            counts.append(len(captured))
        assert counts[0] == counts[1], f"grew from {counts[0]} to {counts[1]} queries"
        return counts[0]

    return run
