"""A scratch database, and Andon in local settings over it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

import pytest
from django.db import connection

from tests.observability.serving import Client, Shell, environ, serving

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
def scratch_database(django_db_setup, django_db_blocker) -> Iterator[str]:
    """The address of a copy of the test database, for processes to write to.

    Who uses it is marked ``django_db``: without a test that is, pytest-django makes no database.
    """
    source = connection.settings_dict["NAME"]
    assert source.startswith("test_"), "mark the test django_db"
    with django_db_blocker.unblock():
        connection.close()
        name = f"{source}_scratch"
        with connection._nodb_cursor() as cursor:
            _drop(cursor, name)
            _end_sessions(cursor, source)
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    yield urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{quote(name)}"))
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        _drop(cursor, name)


def _drop(cursor, name: str) -> None:
    """Not by force: ending an autovacuum takes a superuser; without, PostgreSQL waits for it."""
    _end_sessions(cursor, name)
    cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')


def _end_sessions(cursor, name: str) -> None:
    cursor.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = %s AND usename = current_user AND pid <> pg_backend_pid()",
        [name],
    )


@pytest.fixture(scope="session")
def local(scratch_database, tmp_path_factory) -> Iterator[Local]:
    """Andon in local settings, with Silk and the toolbar, over the scratch database."""
    data = tmp_path_factory.mktemp("local")
    env = environ("config.settings.local", DATABASE_URL=scratch_database, ANDON_DATA=str(data))
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
