"""Days and durations as people say them, by the shop's clock."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from apps.shop.selectors import current_shop, end_of

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SOON = timedelta(days=1)
# A page tells dozens of days and instants, mostly those of the page before.
WORDS_KEPT = 4_000


@dataclass(frozen=True, slots=True)
class Due:
    """A due date in words: ``in 2 days``, ``today``, ``3 h late``.

    ``status`` is ``late``, ``soon`` (today or tomorrow) or ``later``; ``exact`` is the day itself.
    """

    day: date
    words: str
    status: str
    exact: str


class Clock:
    """Tells days and instants as they are seen at one moment, in the shop and language of now.

    A page that tells many asks one of these: what they have in common is looked up once.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._zone, self._language = current_shop().zone, get_language()
        self._minute = now.replace(second=0, microsecond=0)  # No word is more exact.
        self._today = now.astimezone(self._zone).date()

    def due(self, day: date | None) -> Due | None:
        """Return a due date in words; None stays None. It means the end of that day."""
        if day is None:
            return None
        return _due(day, self._minute, self._zone, self._language)

    def since(self, instant: datetime) -> str:
        """Return when something began: ``09:10`` today, else ``Mon 3 Mar, 09:10``."""
        return _since(instant, self._today, self._zone, self._language)

    def lasting(self, instant: datetime) -> str:
        """Return for how long it has gone on: ``22 min``."""
        return _roughly((self.now - instant) // MINUTE, self._language)


@lru_cache(maxsize=WORDS_KEPT)
def _due(day: date, now: datetime, zone: ZoneInfo, _language: str | None) -> Due:
    exact = date_format(day, pgettext("a day's format", "D j M Y"))
    past = now - end_of(day)
    if past >= timedelta():
        return Due(day, _("%(lasting)s late") % {"lasting": roughly(past)}, "late", exact)
    left = day - now.astimezone(zone).date()
    return Due(day, _ahead(left.days), "soon" if left <= SOON else "later", exact)


def _ahead(days: int) -> str:
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    return ngettext("in %(count)s day", "in %(count)s days", days) % {"count": f"{days:,}"}


def roughly(duration: timedelta) -> str:
    """Return a duration in its largest unit: ``22 min``, ``3 h``, ``2 days``."""
    return _roughly(duration // MINUTE, get_language())


@lru_cache(maxsize=WORDS_KEPT)
def _roughly(minutes: int, _language: str | None) -> str:
    if minutes < HOUR // MINUTE:
        return _("%(count)s min") % {"count": max(minutes, 1)}
    if minutes < DAY // MINUTE:
        return _("%(count)s h") % {"count": minutes // (HOUR // MINUTE)}
    days = minutes // (DAY // MINUTE)
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": f"{days:,}"}


def clock(duration: timedelta) -> str:
    """Return a duration as a timer shows it: ``00:41:07``."""
    seconds = max(int(duration.total_seconds()), 0)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def since(instant: datetime, *, now: datetime | None = None) -> str:
    """Return when something began: see ``Clock``."""
    return Clock(now or timezone.now()).since(instant)


@lru_cache(maxsize=WORDS_KEPT)
def _since(instant: datetime, today: date, zone: ZoneInfo, _language: str | None) -> str:
    local = instant.astimezone(zone)
    time = f"{local:%H:%M}"
    if local.date() == today:
        return time
    day = date_format(local, pgettext("a day's format", "D j M"))
    return _("%(day)s, %(time)s") % {"day": day, "time": time}
