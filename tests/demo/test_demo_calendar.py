"""The demo's clock, at any hour of any day."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from apps.demo.calendar import CLOSES, DAY, NOW, OPENS, TODAY, WorkCalendar, minute

WEDNESDAY_NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
SUNDAY_NIGHT = datetime(2026, 3, 8, 2, 30, tzinfo=UTC)
AFTER_THE_CLOCKS_CHANGED = datetime(2026, 3, 29, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
MOMENTS = (WEDNESDAY_NOON, SUNDAY_NIGHT, AFTER_THE_CLOCKS_CHANGED)


@pytest.mark.parametrize("now", MOMENTS)
def test_minutes_keep_their_order_and_end_at_the_present(now):
    calendar = WorkCalendar(now, ZoneInfo("Europe/Berlin"), [])
    working = [
        when
        for day in range(TODAY - 40, TODAY + 1)
        for when in range(day * DAY + OPENS, day * DAY + CLOSES + 1, 20)
        if when <= NOW
    ]
    instants = [calendar.at(when) for when in working]
    assert all(before <= after for before, after in pairwise(instants))
    assert calendar.at(NOW) == now


@pytest.mark.parametrize("now", MOMENTS)
def test_working_days_are_neither_weekends_nor_holidays(now):
    holiday = now.date() - timedelta(days=9)
    calendar = WorkCalendar(now, ZoneInfo("UTC"), [holiday])
    days = [calendar.day(number) for number in range(TODAY + 60) if number != TODAY]
    assert days == sorted(set(days))
    assert all(day.weekday() < 5 for day in days)
    assert holiday not in days
    assert 340 <= (now.date() - days[0]).days <= 380


def test_an_hour_of_a_past_day_is_that_hour_in_the_shop():
    zone = ZoneInfo("Europe/Istanbul")
    calendar = WorkCalendar(WEDNESDAY_NOON, zone, [])
    assert calendar.day(TODAY) == date(2026, 3, 4)
    assert calendar.day(TODAY + 3) == date(2026, 3, 9)
    assert calendar.at(minute(TODAY - 1, 7.5)) == datetime(2026, 3, 3, 7, 30, tzinfo=zone)
