"""In production, an application that could rub its own trail out is told so."""

from copy import deepcopy

import pytest
from django.conf import settings
from django.core.checks import Tags, run_checks
from django.db import OperationalError, connection, connections
from django.test import override_settings

from apps.core.checks import check_role

pytestmark = pytest.mark.django_db

TABLES_OWNER = "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'users'::regclass"
SUPERUSER = "SELECT rolname FROM pg_roles WHERE rolsuper ORDER BY oid LIMIT 1"


@pytest.fixture
def in_production():
    with override_settings():
        del settings.ANDON_ALLOWS_DEMO
        yield


@pytest.fixture
def signing_in_as(monkeypatch):
    """Let the settings name another role; the connection stays as it is."""

    def run(name):
        with connection.cursor() as cursor:
            if name.startswith("SELECT"):
                cursor.execute(name)
                [name] = cursor.fetchone()
        changed = deepcopy(settings.DATABASES)
        changed["default"]["USER"] = name
        monkeypatch.setattr(settings, "DATABASES", changed)

    return run


def found():
    return [message.id for message in check_role(databases=["default"])]


def test_a_lesser_role_is_what_production_wants(in_production):
    if settings.DATABASE_OWNER is None:
        pytest.skip("The tests own their database.")
    assert found() == []


def test_the_owner_of_the_tables_is_warned_of(in_production, signing_in_as):
    signing_in_as(TABLES_OWNER)
    assert found() == ["andon.W003"]


def test_a_superuser_is_an_error(in_production, signing_in_as):
    signing_in_as(SUPERUSER)
    assert found() == ["andon.E003"]


def test_a_name_that_postgresql_does_not_know_is_no_error(in_production, signing_in_as):
    signing_in_as("nobody of that name")
    assert found() == []


def test_without_a_name_it_is_whoever_is_signed_in(in_production, signing_in_as):
    signing_in_as("")
    assert found() == ([] if settings.DATABASE_OWNER else ["andon.W003"])


def test_elsewhere_nobody_is_asked(signing_in_as, django_assert_num_queries):
    signing_in_as(SUPERUSER)
    with django_assert_num_queries(0):
        assert found() == []


def test_it_is_asked_with_the_databases_other_checks(in_production, signing_in_as):
    signing_in_as(SUPERUSER)
    ids = [message.id for message in run_checks(tags=[Tags.database], databases=["default"])]
    assert "andon.E003" in ids
    assert run_checks(tags=[Tags.database]) == []


def test_a_database_that_cannot_be_reached_is_no_error(in_production, monkeypatch):
    def unreachable() -> None:
        raise OperationalError

    monkeypatch.setattr(connections["default"], "cursor", unreachable)
    assert found() == []
