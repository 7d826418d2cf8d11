"""What a call costs is measured where it arises."""

import psycopg
import pytest
from django.db import connection

from apps.machines.models import Machine
from benchmarks.explain import touched
from benchmarks.measure import Meter


@pytest.fixture
def meter(db, monkeypatch):
    monkeypatch.setattr(psycopg.Connection, "wait", psycopg.Connection.wait)
    before = [*connection.execute_wrappers]
    meter = Meter()
    meter.install()
    yield meter
    connection.execute_wrappers[:] = before


def sleep_in_sql():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.05)")


def test_a_query_is_counted_and_its_time_is_time_in_sql(meter):
    sample = meter.sample(sleep_in_sql)
    assert sample.queries == 1
    assert 0.05 <= sample.sql <= sample.wall
    assert sample.cpu < sample.wall


def test_time_outside_the_database_is_not_time_in_sql(meter):
    sample = meter.sample(lambda: sum(range(300_000)))
    assert (sample.queries, sample.sql) == (0, 0)
    assert sample.wall > 0


def test_a_bare_connection_is_timed_too(meter):
    parameters = {
        name: value
        for name, value in connection.get_connection_params().items()
        if name in {"host", "port", "user", "password", "dbname"}
    }
    with psycopg.connect(**parameters, autocommit=True) as bare:
        sample = meter.sample(lambda: bare.execute("SELECT pg_sleep(0.02)"))
    assert sample.sql >= 0.02


@pytest.mark.django_db
def test_reads_are_explained_and_locks_are_left_alone():
    def read():
        list(Machine.objects.all())
        list(Machine.objects.locked().all())

    found = touched(read)
    assert found.buffers >= 0
    assert found.seconds > 0
