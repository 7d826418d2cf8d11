"""A database of a test's own, and migrations written for one test."""

import importlib
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import indent

import psycopg
import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection, connections
from django.db.backends.utils import CursorWrapper

from apps.core.ownership import as_owner

_packages = itertools.count(1)


@pytest.fixture
def empty_database(django_db_blocker, worker_id: str) -> Iterator[str]:
    """An empty database, and its owner's connection to it in place of the usual one.

    Django's part of it is whatever the test migrates; other threads connect to it too.
    """
    usual = connection.settings_dict["NAME"]
    name = f"test_{usual.removeprefix('test_')}_migrations_{worker_id}"
    with django_db_blocker.unblock(), as_owner():
        with connection._nodb_cursor() as server:
            _drop(server, name)
            server.execute(f"CREATE DATABASE {connection.ops.quote_name(name)}")
        _go_to(name)
        try:
            yield name
        finally:
            _go_to(usual)
            with connection._nodb_cursor() as server:
                _drop(server, name)


def _drop(server: CursorWrapper, name: str) -> None:
    server.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(name)} WITH (FORCE)")


def _go_to(name: str) -> None:
    """Use another database; forget what is remembered of the one before."""
    connection.close()
    for settings in (connection.settings_dict, connections.settings["default"]):
        settings["NAME"] = name  # The owner's, and what other threads connect with.
    ContentType.objects.clear_cache()
    cache.clear()


@pytest.fixture
def other_session(empty_database: str) -> Iterator[Callable[[], psycopg.Connection]]:
    """Return a function that opens a session, in a transaction from its first statement."""
    sessions = []

    def run(name: str = "a report") -> psycopg.Connection:
        parameters = connection.get_connection_params() | {"application_name": name}
        sessions.append(psycopg.connect(**parameters))
        return sessions[-1]

    yield run
    for session in sessions:
        session.close()


@pytest.fixture
def write_migration(
    empty_database: str, tmp_path: Path, monkeypatch, settings
) -> Callable[..., None]:
    """Return a function that writes a migration of `background`, an app that has none."""
    package = f"migrations_of_a_test_{next(_packages)}"
    folder = tmp_path / package
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    settings.MIGRATION_MODULES = {"background": package}
    written: list[str] = []

    def run(*operations: str, atomic: bool = True) -> None:
        name = f"{len(written) + 1:04}_written"
        after = [("background", written[-1])] if written else []
        body = f"atomic = {atomic}\ndependencies = {after}\noperations = [{', '.join(operations)}]"
        (folder / f"{name}.py").write_text(
            "from django.contrib.postgres.operations import *\n"
            "from django.db import migrations, models\n"
            f"class Migration(migrations.Migration):\n{indent(body, '    ')}\n"
        )
        written.append(name)
        importlib.invalidate_caches()

    return run
