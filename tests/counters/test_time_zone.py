"""Days and months are the shop's: in another zone all of them are counted anew."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from django.db import connection, transaction

from apps.counters import services
from apps.counters.errors import AtWork
from apps.counters.models import CounterState
from apps.jobs.counters import JOBS_BY_STATUS, JOBS_CREATED, LEAD_TIMES, OUTPUT
from apps.jobs.models import Job, JobStep, WorkLog
from apps.shop.services import save_shop, seed_shop
from tests.factories import make_customer, make_step
from tests.races.racing import hang_up

pytestmark = pytest.mark.django_db

LATE = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)  # In Istanbul it is April.


@pytest.fixture
def move(administrator):
    """Return a function that moves the shop to another zone, as the office does."""

    def run(zone):
        shop = seed_shop()
        shop.time_zone = zone
        save_shop(shop, actor=administrator, fields=["time_zone"])

    return run


@pytest.fixture
def night(operator):
    """A job made, a step completed and a piece made late in the evening of 31 March, UTC."""
    Job.objects.create(customer=make_customer(), quantity=1, created_at=LATE)
    step = make_step()
    Job.objects.filter(pk=step.job_id).update(created_at=LATE)
    JobStep.objects.filter(pk=step.pk).update(
        status="in_progress", started_at=LATE, assigned_to=operator
    )
    JobStep.objects.filter(pk=step.pk).update(status="completed", completed_at=LATE)
    WorkLog.objects.create(
        step=step, user=operator, started_at=LATE, ended_at=LATE, quantity_good=1
    )
    return step


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("UTC", date(2026, 3, 31)),
        ("Europe/Istanbul", date(2026, 4, 1)),
        ("America/New_York", date(2026, 3, 31)),
    ],
)
def test_all_that_is_counted_by_day_moves_with_the_shop(night, move, counted, zone, day):
    move(zone)
    month = day.replace(day=1)
    assert counted(JOBS_CREATED) == {(month,): 2}
    assert counted(OUTPUT) == {(day, night.process_id): 1}
    assert counted(LEAD_TIMES) == {}
    Job.objects.create(customer=make_customer(), quantity=1, created_at=LATE)
    assert counted(JOBS_CREATED) == {(month,): 3}
    move("UTC")
    assert counted(JOBS_CREATED) == {(date(2026, 3, 1),): 3}


def test_another_name_of_the_shop_counts_nothing_anew(night, administrator, monkeypatch):
    monkeypatch.setattr(services, "_add_differences", None)
    shop = seed_shop()
    shop.name = "Renamed"
    save_shop(shop, actor=administrator)
    assert not CounterState.objects.exists()


def test_a_change_of_zone_that_is_rolled_back_changes_no_count(night, move, counted):
    with transaction.atomic():
        move("Europe/Istanbul")
        transaction.set_rollback(True)
    assert counted(JOBS_CREATED) == {(date(2026, 3, 1),): 2}


def test_nobody_writes_while_the_zone_changes_and_no_writer_is_ended_for_it(committed, counted):
    customer = make_customer()

    def create():
        return Job.objects.create(customer=customer, quantity=1, created_at=LATE)

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            services.set_time_zone("Europe/Istanbul")
            writing = other.submit(create)
            assert not writing.done()
        writing.result(5)  # It waited, and counted by the new zone.
        assert counted(JOBS_CREATED) == {(date(2026, 4, 1),): 1}
        with transaction.atomic():
            create()
            with pytest.raises(AtWork):
                other.submit(services.set_time_zone, "UTC").result(5)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(services._ONE_AT_A_TIME)  # As while the counters are rebuilt.
            with pytest.raises(AtWork):
                other.submit(services.set_time_zone, "UTC").result(5)
            create()  # Nobody waits for that.
        other.submit(hang_up).result()
    assert counted(JOBS_CREATED) == {(date(2026, 4, 1),): 3}
    assert counted(JOBS_BY_STATUS) == {("draft",): 3}
