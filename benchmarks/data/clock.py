"""Time as the generator counts it: seconds of working time, and their text for COPY.

A second counts from the first opening of the shop, while it is open: from 6 to 22 o'clock UTC,
Sundays never. So everything happens in working hours, at the cost of two list look-ups.
"""

from datetime import date, datetime, timedelta

OPENS, CLOSES = 6, 22
HOUR = 3600
SHIFT = (CLOSES - OPENS) * HOUR  # Seconds of a working day.
_SUNDAY = 6
_WEEK, _WORKING_WEEK = 7, 6
_FUTURE_DAYS = 400  # Due dates reach so far ahead.


def working(days: float) -> int:
    """Return the seconds of working time in so many calendar days."""
    return int(days * SHIFT * _WORKING_WEEK / _WEEK)


class Clock:
    """The shop's history: ``end`` is the last second before the last closing time."""

    def __init__(self, now: datetime, years: int) -> None:
        last = now.date() if now.hour >= CLOSES else now.date() - timedelta(days=1)
        first = last - timedelta(days=365 * years)
        span = [first + timedelta(days=n) for n in range((last - first).days + 1 + _FUTURE_DAYS)]
        days = [(n, day) for n, day in enumerate(span) if day <= last and day.weekday() != _SUNDAY]
        self.end = len(days) * SHIFT - 1
        self.days = len(days)
        self.dates = [day.isoformat() for day in span]  # By calendar day.
        self.calendar_day = [n for n, _ in days]  # By working day.
        self.day_text = [f"{day} " for _, day in days]
        self.time_text = [
            f"{OPENS + s // HOUR:02}:{s // 60 % 60:02}:{s % 60:02}+00" for s in range(SHIFT)
        ]

    def text(self, second: int) -> str:
        """Return a moment as PostgreSQL reads it."""
        return self.day_text[second // SHIFT] + self.time_text[second % SHIFT]

    def date_after(self, second: int, days: int) -> str:
        """Return the date so many calendar days after a moment."""
        return self.dates[self.calendar_day[second // SHIFT] + days]

    def day(self, second: int) -> date:
        """Return the date of a moment."""
        return date.fromisoformat(self.dates[self.calendar_day[second // SHIFT]])
