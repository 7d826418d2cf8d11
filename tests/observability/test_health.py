"""Health, and faults told without a traceback."""

import json

import pytest
from django.contrib.sessions.models import Session
from django.db import DataError, IntegrityError, InterfaceError, OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpResponse
from django.test import override_settings

from apps.observability.middleware import FaultMiddleware
from config.components.security import https
from tests.factories import PASSWORD, make_user

NOWHERE = "/nowhere/at/all.sock"
WELL = {"database": "ok", "migrations": "ok", "cache": "ok", "broker": "ok"}


@pytest.fixture
def no_redis(settings, monkeypatch):
    """Cache and broker are gone."""
    default = settings.CACHES["default"]
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", f"redis+socket://{NOWHERE}")
    with override_settings(CACHES={"default": {**default, "LOCATION": f"unix://{NOWHERE}"}}):
        yield


def test_alive_asks_nothing_of_host_session_or_database(client, settings):
    """A test without the database mark may not touch it."""
    settings.ALLOWED_HOSTS = ["andon.example"]
    for name, value in https().items():
        setattr(settings, name, value)
    answer = client.get("/health/", headers={"host": "10.0.0.7:8000"})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer["X-Request-ID"]


def test_ready_says_what_it_checked(db, client):
    answer = client.get("/health/ready/")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "checks": WELL})


def test_a_pending_migration_is_not_ready(db, client):
    MigrationRecorder.Migration.objects.filter(app="shop").order_by("-pk").first().delete()
    answer = client.get("/health/ready/")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "unavailable",
        "checks": WELL | {"migrations": "1 not applied"},
    }


def test_without_redis_it_is_not_ready(db, client, no_redis):
    answer = client.get("/health/ready/")
    assert answer.status_code == 503
    checks = answer.json()["checks"]
    assert checks == WELL | {
        "cache": "does not keep what it is given",
        "broker": "OperationalError",
    }


def test_without_redis_the_pages_work(db, client, no_redis):
    planner = make_user("planner")
    signed = client.post("/login/", {"username": planner.username, "password": PASSWORD})
    assert signed.status_code == 302
    assert Session.objects.count() == 1
    assert client.get("/admin/customers/customer/").status_code == 200
    assert client.get("/tasks/").status_code == 200
    assert client.get("/").status_code == 200


def answer_to(rf, error):
    return FaultMiddleware(lambda _request: HttpResponse()).process_exception(rf.get("/"), error)


@pytest.mark.parametrize("error", [OperationalError("gone"), InterfaceError("closed")])
def test_a_lost_database_is_answered_with_503_and_when_to_come_back(rf, error):
    answer = answer_to(rf, error)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert b"Back in a moment" in answer.content
    assert str(error).encode() not in answer.content


@pytest.mark.parametrize("error", [IntegrityError(), DataError(), ValueError()])
def test_other_faults_are_left_alone(rf, error):
    assert answer_to(rf, error) is None


def test_a_statement_that_takes_too_long_is_answered_with_503(db, rf, caplog):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 20")
        with pytest.raises(OperationalError) as stopped:
            cursor.execute("SELECT pg_sleep(5)")
    connection.set_rollback(True)
    assert answer_to(rf, stopped.value).status_code == 503
    assert "503 for GET /: canceling statement due to statement timeout" in caplog.text


def test_the_answers_are_json_for_whoever_asks(client):
    answer = client.get("/health/", headers={"accept": "text/html"})
    assert json.loads(answer.content) == {"status": "ok"}
