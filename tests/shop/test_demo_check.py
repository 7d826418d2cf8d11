"""Production refuses the demo's database."""

import pytest
from django.conf import settings
from django.core.checks import Tags, run_checks
from django.db import OperationalError, connection
from django.test import override_settings

from apps.shop.models import Shop

pytestmark = pytest.mark.django_db


def found() -> list[str]:
    messages = run_checks(tags=[Tags.database], databases=["default"])
    return [message.id for message in messages if message.id == "andon.E001"]


@pytest.fixture
def in_production():
    with override_settings():
        del settings.ANDON_ALLOWS_DEMO
        yield


def test_the_demo_is_an_error_in_production(in_production):
    Shop.objects.update(is_demo=True)
    assert found() == ["andon.E001"]


def test_the_demo_is_welcome_elsewhere():
    Shop.objects.update(is_demo=True)
    assert found() == []


def test_a_real_shop_is_welcome_in_production(in_production):
    assert found() == []


def test_no_database_asked_for_is_no_error(in_production):
    Shop.objects.update(is_demo=True)
    assert run_checks(tags=[Tags.database]) == []


def test_a_database_without_tables_yet_is_no_error(as_tables_owner, in_production):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE shop RENAME TO shop_elsewhere")
    assert found() == []


def test_a_database_that_cannot_be_reached_is_no_error(in_production, monkeypatch):
    def unreachable(*_: object) -> None:
        raise OperationalError

    monkeypatch.setattr(connection.introspection, "table_names", unreachable)
    assert found() == []
