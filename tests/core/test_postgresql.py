"""A pooled connection that its server left is not handed out; a prepared statement is told."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.postgresql.base import DatabaseWrapper, is_alive
from apps.core.standing import ask_again


@pytest.fixture
def pooled(transactional_db: None) -> Iterator[DatabaseWrapper]:
    """A wrapper over the test database with a pool of its own."""
    known = connection.settings_dict
    pool = {"min_size": 1, "max_size": 2, "timeout": 5}
    said = {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False}
    options = {**known["OPTIONS"], "pool": pool}
    wrapper = DatabaseWrapper({**known, **said, "OPTIONS": options}, "default")
    yield wrapper
    wrapper.close()
    wrapper.close_pool()


def backend(wrapper: Any) -> int:
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def end(pid: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_a_connection_that_the_server_ended_is_replaced(pooled):
    ended = backend(pooled)
    pooled.close()  # Back to the pool.
    end(ended)
    assert backend(pooled) != ended


def test_all_that_a_restart_left_behind_are_replaced(pooled):
    other = pooled.copy()
    pids = {backend(pooled), backend(other)}
    pooled.close()
    other.close()
    for pid in pids:
        end(pid)
    assert not {backend(pooled), backend(other)} & pids
    other.close()


def test_a_quiet_connection_is_not_asked(pooled):
    backend(pooled)
    ours = pooled.connection
    ours.execute = None  # Asking would fail.
    assert is_alive(ours)


def test_one_that_has_something_to_say_is_asked_and_kept(pooled):
    pid = backend(pooled)
    with pooled.cursor() as cursor:
        cursor.execute("LISTEN something")
    with connection.cursor() as cursor:
        cursor.execute("NOTIFY something")
    assert is_alive(pooled.connection)
    assert backend(pooled) == pid


@pytest.mark.django_db
def test_who_looks_at_queries_sees_what_a_prepared_one_asked():
    with CaptureQueriesContext(connection) as captured:
        assert ask_again("SELECT 'a%%b' || %s", ["c"]) == [("a%bc",)]

    assert [each["sql"] for each in captured] == ["SELECT 'a%b' || 'c'"]
