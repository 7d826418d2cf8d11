"""Queues, routes, the schedule, and the scheduled housekeeping itself."""

from datetime import timedelta
from importlib import import_module

import pytest
from celery import current_app
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from apps.background import services
from apps.core.ownership import as_owner
from config.components.redis import QUEUES, SCHEDULE

ASKED = """
    email notifications payments analytics optimization imports exports maintenance default
"""


def own_tasks():
    return sorted(name for name in current_app.tasks if not name.startswith("celery."))


def queue_of(task):
    return current_app.amqp.router.route({}, task)["queue"].name


def test_the_queues_are_those_that_were_asked_for():
    assert list(QUEUES) == ASKED.split()
    assert set(current_app.amqp.queues) == set(QUEUES)


def test_each_queue_is_bound_by_a_key_of_its_own():
    """A message under one key for all would be put in each."""
    keys = {queue.routing_key for queue in current_app.amqp.queues.values()}
    assert keys == set(QUEUES)


@pytest.mark.parametrize("task", own_tasks())
def test_each_task_has_a_queue_and_its_apps_name(task):
    assert queue_of(task) in QUEUES
    module = current_app.tasks[task].run.__module__
    assert module == f"apps.{task.split('.')[0]}.tasks"
    assert import_module(module)


@pytest.mark.parametrize("entry", SCHEDULE)
def test_each_entry_of_the_schedule_names_a_task_that_there_is(entry):
    assert SCHEDULE[entry]["task"] in own_tasks()
    assert queue_of(SCHEDULE[entry]["task"]) == "maintenance"


def test_messages_are_json_compressed_and_acknowledged_when_done():
    conf = current_app.conf
    assert conf.accept_content == ["json"]
    assert conf.task_serializer == "json"
    assert conf.task_compression == "gzip"
    assert conf.task_acks_late
    assert conf.task_soft_time_limit < conf.task_time_limit
    # Redis gives a message out again after this; a task at its limit must not run twice.
    assert conf.broker_transport_options["visibility_timeout"] > conf.task_time_limit


def make_session(key, **ago):
    Session.objects.create(session_key=key, expire_date=timezone.now() - timedelta(**ago))


def test_expired_sessions_are_cleared_batch_by_batch(db, monkeypatch, django_assert_num_queries):
    for number in range(5):
        make_session(f"old-{number}", seconds=number + 1)
    make_session("alive", hours=-1)
    monkeypatch.setattr(services, "BATCH", 2)
    with django_assert_num_queries(3):
        assert services.clear_sessions() == 5
    assert [each.session_key for each in Session.objects.all()] == ["alive"]


def estimate(table):
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [table])
        return cursor.fetchone()[0]


@pytest.fixture
def changed_table(committed):
    with as_owner(), connection.cursor() as cursor:
        cursor.execute('CREATE TABLE "Made up" AS SELECT generate_series(1, 1000) AS n')
        cursor.execute("SELECT pg_stat_force_next_flush()")
    yield "Made up"
    with as_owner(), connection.cursor() as cursor:
        cursor.execute('DROP TABLE "Made up"')


def test_tables_that_changed_are_analysed_once(changed_table):
    assert estimate(changed_table) == -1
    assert changed_table in services.analyze_tables()
    assert estimate(changed_table) == 1000
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
    assert changed_table not in services.analyze_tables()
