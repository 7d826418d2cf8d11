"""Faults that no endpoint tells: programs get a problem all the same."""

import pytest
from django.db import OperationalError

from apps.jobs.models import Job

pytestmark = pytest.mark.django_db


def told(answer, status):
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    said = answer.json()
    assert said["status"] == status
    assert said["request_id"] == answer["X-Request-ID"]
    return said


def test_an_address_that_is_not_there(client):
    assert "address" in told(client.get("/api/v1/nothing/"), 404)["detail"]
    assert client.get("/nothing/")["Content-Type"].startswith("text/html")


def test_a_nul_byte(client):
    told(client.get("/api/v1/jobs/?search=%00"), 400)
    told(client.get("/api/v1/jobs%00/"), 400)


def test_a_fault_of_ours(planning, monkeypatch):
    def fail(*_args):
        raise RuntimeError("a secret of ours")

    planning.client.raise_request_exception = False
    monkeypatch.setattr(Job.objects._queryset_class, "visible_to", fail)

    said = told(planning.get("jobs/"), 500)

    assert "secret" not in str(said)


def test_a_database_that_is_lost(planning, monkeypatch):
    def fail(*_args):
        raise OperationalError("gone")

    monkeypatch.setattr(Job.objects._queryset_class, "visible_to", fail)

    answer = planning.get("jobs/")

    assert told(answer, 503)["code"] == "unavailable"
    assert answer["Retry-After"] == "5"
