"""The demo's clock: it counts working days back from today, so that every day tells one story.

A *minute* counts from the start of the first working day of the demo's year; a working day has
all 24 hours, and weekends and holidays have none. Nothing in the demo is chosen by the date.
"""

from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = 24 * 60
TODAY = 250  # The number of today's working day: about a year's working days came before it.
NOW = TODAY * DAY + 11 * 60
OPENS, CLOSES = 6 * 60, 22 * 60  # Minutes of a day: the first shift's start, the last one's end.
_SATURDAY = 5


def minute(day: int, hour: float) -> int:
    """Return the minute of an hour of a working day."""
    return day * DAY + round(hour * 60)


class WorkCalendar:
    """Minutes of the demo as instants, and its working days as dates.

    Today's minutes end at the present moment, whatever the hour; the working day before it is
    the last one that had closed when today's work began.
    """

    def __init__(self, now: datetime, zone: ZoneInfo, holidays: Collection[date]) -> None:
        self._now = now
        self._zone = zone
        self._holidays = frozenset(holidays)
        self._today = now.astimezone(zone).date()
        self._past = self._list_past()
        self._future = [day for day, _ in zip(self._days(1), range(TODAY), strict=False)]

    def at(self, when: int) -> datetime:
        """Return the instant of a minute up to NOW."""
        day, of_day = divmod(when, DAY)
        if day >= TODAY:
            return self._now - timedelta(minutes=NOW - when)
        return datetime.combine(self.day(day), time.min, tzinfo=self._zone) + timedelta(
            minutes=of_day
        )

    def day(self, number: int) -> date:
        """Return the date of a working day; before the first one every day counts."""
        if number < 0:
            return self._past[0] + timedelta(days=number)
        if number < TODAY:
            return self._past[number]
        return self._today if number == TODAY else self._future[number - TODAY - 1]

    def _list_past(self) -> list[date]:
        began = self._now - timedelta(minutes=NOW % DAY - OPENS)
        closed = (
            day
            for day in self._days(-1)
            if datetime.combine(day, time(CLOSES // 60), tzinfo=self._zone) <= began
        )
        return [day for day, _ in zip(closed, range(TODAY), strict=False)][::-1]

    def _days(self, step: int) -> Iterator[date]:
        day = self._today
        while True:
            day += timedelta(days=step)
            if day.weekday() < _SATURDAY and day not in self._holidays:
                yield day
