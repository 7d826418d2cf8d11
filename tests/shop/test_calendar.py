"""The shop's clock: "today" and the end of a day are in its own time zone."""

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from apps.machines.models import MachineDowntime
from apps.machines.states import ReasonKind
from apps.shop import selectors
from apps.shop.models import Shift, Shop
from apps.shop.services import save_shop
from tests.factories import make_machine, make_reason

pytestmark = pytest.mark.django_db


@pytest.fixture
def istanbul(administrator, django_capture_on_commit_callbacks):
    shop = Shop.objects.get()
    shop.time_zone = "Europe/Istanbul"
    with django_capture_on_commit_callbacks(execute=True):
        save_shop(shop, actor=administrator, fields=["time_zone"])


def test_a_due_date_means_the_end_of_that_day_in_the_shop(istanbul):
    assert selectors.end_of(date(2030, 5, 1)).astimezone(UTC) == datetime(
        2030, 5, 1, 21, tzinfo=UTC
    )


def test_today_is_the_shops(istanbul, monkeypatch):
    late = datetime(2030, 5, 1, 22, 30, tzinfo=UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: late)
    assert selectors.today() == date(2030, 5, 2)


def test_there_is_one_row_of_settings():
    with pytest.raises(DatabaseError), transaction.atomic():
        Shop.objects.create(pk=2)


def test_a_zone_that_is_none_is_refused_in_words(client, administrator):
    client.force_login(administrator)
    page = client.post(
        reverse("admin:shop_shop_change", args=[1]), {"name": "X", "time_zone": "Mars/Olympus"}
    )
    assert "is not a time zone" in page.content.decode()


def test_a_shift_ends_at_another_time_than_it_starts():
    with pytest.raises(DatabaseError), transaction.atomic():
        Shift.objects.create(name="None", starts_at="06:00", ends_at="06:00")


def test_the_office_shows_and_reads_times_in_the_shops_zone(client, manager, istanbul):
    client.force_login(manager)
    reason, machine = make_reason(ReasonKind.DOWNTIME), make_machine()
    data = {"machine": machine.pk, "reason": reason.pk, "note": ""}
    data |= {"started_at_0": "2026-01-02", "started_at_1": "09:00"}
    data |= {"ended_at_0": "2026-01-02", "ended_at_1": "10:00"}
    answer = client.post(reverse("admin:machines_machinedowntime_add"), data)
    assert answer.status_code == 302
    downtime = MachineDowntime.objects.get()
    assert downtime.started_at == datetime(2026, 1, 2, 6, tzinfo=UTC)
    page = client.get(reverse("admin:machines_machinedowntime_change", args=[downtime.pk]))
    assert 'value="09:00:00"' in page.content.decode()
