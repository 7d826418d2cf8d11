"""Pools may not want more connections than the server admits."""

from dataclasses import replace

import pytest
from django.conf import settings
from django.core.checks import Tags, run_checks
from django.db import OperationalError, connection
from django.test import override_settings

from apps.observability.checks import OTHERS

pytestmark = pytest.mark.django_db


def found(*, wanted: int) -> dict[str, str]:
    """The messages when two web processes together may open so many connections."""
    environment = replace(settings.ANDON, pool_min=1, pool_max=wanted // 2, web_workers=2)
    with override_settings(ANDON=environment):
        messages = run_checks(tags=[Tags.database], databases=["default"])
    return {message.id: f"{message.msg} {message.hint}" for message in messages if message.id}


@pytest.fixture
def admitted() -> int:
    """How many connections the server lets ordinary users have, made even."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(setting::int) FILTER (WHERE name = 'max_connections')"
            " - sum(setting::int) FILTER (WHERE name <> 'max_connections') FROM pg_settings"
            " WHERE name IN"
            " ('max_connections', 'superuser_reserved_connections', 'reserved_connections')"
        )
        count = int(cursor.fetchone()[0])
    return count - count % 2


def test_pools_that_fit_are_no_fault(admitted):
    assert found(wanted=admitted - OTHERS) == {}


def test_pools_that_leave_too_little_for_others_are_a_warning(admitted):
    assert set(found(wanted=admitted - 4)) == {"andon.W002"}


def test_pools_beyond_the_server_are_an_error_with_the_numbers(admitted):
    said = found(wanted=admitted + 10)
    assert set(said) == {"andon.E002"}
    assert f"2 web processes with up to {(admitted + 10) // 2} connections" in said["andon.E002"]
    assert "DB_POOL_MAX_CONNECTIONS" in said["andon.E002"]


def test_a_database_that_cannot_be_reached_is_no_fault(monkeypatch):
    def unreachable(*_: object) -> None:
        raise OperationalError

    monkeypatch.setattr(connection, "cursor", unreachable)
    assert found(wanted=100_000) == {}
