"""Fixtures every test may use."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client, TransactionTestCase
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import SignInAttempts, User
from apps.accounts.services import seed_roles
from apps.core.ownership import as_owner
from apps.machines.services import seed_reasons
from apps.shop.services import seed_shop
from tests.emptying import starting_again
from tests.factories import make_user, settle

OWNERS = "as_tables_owner"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where the browser's tests alone are run, leave unread what has none: reading takes time."""
    if config.option.markexpr != "browser" or collection_path.suffix != ".py":
        return None
    return None if "mark.browser" in collection_path.read_text(encoding="utf-8") else True


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Let the owner sign in before a test's transaction begins, which pytest-django does early."""
    for item in items:
        if OWNERS in item.fixturenames:
            item.fixturenames.remove(OWNERS)
            item.fixturenames.insert(0, OWNERS)


@pytest.fixture(autouse=True)
def _begin_anew(request: pytest.FixtureRequest) -> None:
    """Every test begins with an empty cache and a seeded database, whatever ran before it.

    A server that a test has started leaves what was guessed at its sign-in.
    """
    marked = request.node.get_closest_marker("django_db")
    if not (marked or {"db", "transactional_db"} & set(request.fixturenames)):
        return
    cache.clear()
    real = "transactional_db" in request.fixturenames or (
        marked and marked.kwargs.get("transaction")
    )
    request.getfixturevalue("transactional_db" if real else "db")
    # A session keeps the plans of its foreign keys and triggers. Those made for the few rows of an
    # earlier test read whole tables, which takes a minute where this one has thousands.
    ask("DISCARD PLANS")
    SignInAttempts.objects.all().delete()


def ask(statements: str) -> None:
    """Have PostgreSQL run them."""
    with connection.cursor() as cursor:
        cursor.execute(statements)


def seed() -> None:
    """Make what every installation has from the start."""
    seed_shop()
    seed_roles()
    seed_reasons()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
) -> Iterator[None]:
    """Have the test database made, migrated and dropped by its owner, where there is one."""
    with as_owner():
        yield


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest
) -> Iterator[None]:
    """Seed the test database once, and let the tests ask it as the application does.

    After a test that commits it is made to start again.
    """
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        if not connection.settings_dict["NAME"].startswith("test_"):
            pytest.exit("No test database was made: mark what needs one with django_db.", 3)
        let_tests_empty_tables()
    with as_application():
        with django_db_blocker.unblock():  # type: ignore[attr-defined]
            cache.clear()
            seed()
            again = starting_again()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: ask(again))
            yield


@pytest.fixture
def as_tables_owner(django_db_setup: None) -> Iterator[None]:
    """Sign in as the database's owner, for a test that makes or alters tables itself."""
    with as_owner():
        yield


@contextmanager
def as_application() -> Iterator[None]:
    """Sign in as the application does, within ``as_owner``."""
    ours = connections["default"]
    owners = ours.settings_dict
    ours.close()
    ours.settings_dict = settings.DATABASES["default"]
    try:
        yield
    finally:
        ours.close()
        ours.settings_dict = owners


def let_tests_empty_tables() -> None:
    """Give the application TRUNCATE here: after a test that commits, Django empties every table.

    The trail stays closed: nothing but its owner empties it.
    """
    if settings.DATABASE_OWNER is None:
        return
    role = connection.ops.quote_name(settings.DATABASES["default"]["USER"])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(oid::regclass::text, ', ') FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
            " AND NOT starts_with(relname, 'audit_logs')"
        )
        cursor.execute(f"GRANT TRUNCATE ON {cursor.fetchone()[0]} TO {role}")


@pytest.fixture
def committed(transactional_db: None) -> None:
    """A seeded database whose commits are real, for threads, browsers and workers."""


@pytest.fixture
def sign_in(client: Client) -> Callable[[User], Client]:
    """Return a function that signs a user in and returns the client."""

    def run(user: User) -> Client:
        client.force_login(user)
        settle()
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
