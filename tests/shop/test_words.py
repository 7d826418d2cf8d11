"""Days and durations as people say them, by the shop's clock."""

from datetime import UTC, date, datetime, timedelta

import pytest

from apps.shop.models import Shop
from apps.shop.selectors import cached_shop
from apps.shop.words import Clock, clock, roughly, since

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)  # A Wednesday.


@pytest.fixture
def auckland():
    """A shop whose day begins half a day before UTC's."""
    Shop.objects.update(time_zone="Pacific/Auckland")
    cached_shop.renew(Shop.ONLY)


@pytest.mark.parametrize(
    ("day", "words", "status"),
    [
        (date(2026, 3, 1), "2 days late", "late"),
        (date(2026, 3, 2), "1 day late", "late"),
        (date(2026, 3, 3), "12 h late", "late"),
        (date(2026, 3, 4), "today", "soon"),
        (date(2026, 3, 5), "tomorrow", "soon"),
        (date(2026, 3, 6), "in 2 days", "later"),
        (date(2030, 3, 4), "in 1,461 days", "later"),
    ],
)
def test_a_due_date_means_the_end_of_its_day(day, words, status):
    due = Clock(NOON).due(day)

    assert (due.words, due.status) == (words, status)


def test_a_due_date_turns_late_at_the_end_of_the_shops_day(auckland):
    day = date(2026, 3, 4)
    midnight = datetime(2026, 3, 4, 11, tzinfo=UTC)  # In Auckland, thirteen hours ahead.

    assert Clock(midnight - timedelta(seconds=1)).due(day).words == "today"
    assert Clock(midnight).due(day).words == "1 min late"


def test_no_due_date_stays_none():
    assert Clock(NOON).due(None) is None


def test_the_exact_day_stands_beside_the_words():
    assert Clock(NOON).due(date(2026, 3, 6)).exact == "Fri 6 Mar 2026"


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(seconds=5), "1 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=23, minutes=59), "23 h"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=1500), "1,500 days"),
    ],
)
def test_a_duration_is_said_in_its_largest_unit(duration, words):
    assert roughly(duration) == words


@pytest.mark.parametrize(
    ("duration", "shown"),
    [
        (timedelta(), "00:00:00"),
        (timedelta(minutes=41, seconds=7), "00:41:07"),
        (timedelta(days=5), "120:00:00"),
        (timedelta(seconds=-1), "00:00:00"),
    ],
)
def test_a_timer_counts_hours_without_end(duration, shown):
    assert clock(duration) == shown


def test_what_began_today_has_a_time_and_before_a_day_too(auckland):
    assert since(datetime(2026, 3, 3, 20, 10, tzinfo=UTC), now=NOON - timedelta(hours=2)) == "09:10"
    assert since(datetime(2026, 3, 2, 20, 10, tzinfo=UTC), now=NOON) == "Tue 3 Mar, 09:10"
