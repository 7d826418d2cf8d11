"""A scratch database, and Andon in local settings over it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import connection

from apps.core.ownership import as_owner
from tests.observability.serving import Client, Shell, database_urls, environ, serving

SET_UP = """
from django.core.cache import cache
from django.core.management import call_command
cache.clear()
call_command("migrate", verbosity=0)
from tests.factories import make_customer, make_job, make_user
for role in ("administrator", "planner", "operator"):
    make_user(role, username=role)
for _ in range(5):
    make_customer()
make_job()
"""


@dataclass(frozen=True, slots=True)
class Local:
    """Andon as a developer runs it."""

    base: str
    shell: Shell


@pytest.fixture(scope="session")
def scratch_database(django_db_setup, django_db_blocker) -> Iterator[dict[str, str]]:
    """The variables that lead to a copy of the test database, for processes to write to.

    Who uses it is marked ``django_db``: without a test that is, pytest-django makes no database.
    """
    source = connection.settings_dict["NAME"]
    assert source.startswith("test_"), "mark the test django_db"
    name = f"{source}_scratch"
    with django_db_blocker.unblock():
        _end_sessions(source, name)
        _run_as_owner(
            f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}" TEMPLATE "{source}"'
        )
    yield database_urls(name)
    with django_db_blocker.unblock():
        _end_sessions(name)
        _run_as_owner(f'DROP DATABASE IF EXISTS "{name}"')


def _run_as_owner(*statements: str) -> None:
    """Not by force: ending an autovacuum takes a superuser; without, PostgreSQL waits for it."""
    with as_owner(), connection._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _end_sessions(*names: str) -> None:
    """End those of the application: the owner's end with its commands."""
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = ANY(%s) AND usename = current_user AND pid <> pg_backend_pid()",
            [list(names)],
        )


@pytest.fixture(scope="session")
def local(scratch_database, tmp_path_factory) -> Iterator[Local]:
    """Andon in local settings, with Silk and the toolbar, over the scratch database."""
    data = tmp_path_factory.mktemp("local")
    env = environ("config.settings.local", **scratch_database, ANDON_DATA=str(data))
    shell = Shell(env, data)
    try:
        shell.run(SET_UP)
        with serving(env, data / "web.log") as base:
            yield Local(base, shell)
    finally:
        shell.close()


@pytest.fixture(scope="session")
def staff(local) -> Client:
    """A browser with an administrator signed in; signing in takes the time that a hash takes."""
    client = Client(local.base)
    client.sign_in("administrator")
    return client


@pytest.fixture(scope="session")
def operator_site(local) -> Client:
    """A browser with an operator signed in."""
    client = Client(local.base)
    client.sign_in("operator")
    return client
