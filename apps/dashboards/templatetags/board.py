"""What the pieces of the board say, and its charts."""

from datetime import UTC, date, datetime, timedelta

from django import template
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.core.templatetags.drawn import drawn
from apps.dashboards import plots
from apps.dashboards.drawing import Sight
from apps.dashboards.lamps import HELP, SETUP, Lamp
from apps.machines.states import MachineStatus
from apps.shop.selectors import current_shop, end_of
from apps.shop.words import roughly, since

register = template.Library()

register.simple_tag(plots.jobs_by_month)
register.simple_tag(plots.lead_time)
register.simple_tag(plots.machine_load)
register.simple_tag(plots.scrap)


@register.simple_tag
def drawn_lamp(lamp: Lamp, sight: Sight) -> SafeString:
    """Draw a machine with the first step that runs on it."""
    step, more = next(iter(lamp.running), None), len(lamp.running) - 1
    return drawn(
        "dashboards/lamp", lamp=lamp, step=step, more=more, day=sight.day, is_wall=sight.is_wall
    )


@register.filter
def began(instant: datetime, day: date) -> str:
    """Say when something began, as seen on a day: the hour, before it the day too."""
    return since(instant, now=end_of(day) - timedelta(microseconds=1))


@register.filter
def day_of(moment: datetime) -> str:
    """Name the day of an instant in the shop: ``Sunday 22 November``."""
    local = moment.astimezone(current_shop().zone)
    return date_format(local, pgettext("a day's format", "l j F"))


@register.filter
def exact_day(day: date) -> str:
    """Name a day with its year: ``Sun 22 Nov 2026``."""
    return date_format(day, pgettext("a day's format", "D j M Y"))


@register.filter
def day_end(day: date) -> datetime:
    """Return the instant by which what is due on a day must be done."""
    return end_of(day)


@register.filter
def instant(moment: datetime) -> str:
    """Write an instant for the page's script: ``2026-03-03T07:10:00+00:00``."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


@register.filter
def days(count: int) -> str:
    """Say how long so many days are; to the minute the page's script tells."""
    return roughly(timedelta(days=count))


@register.filter
def state_word(status: str) -> str:
    """Return the word for what a machine's lamp shows."""
    others = {SETUP: _("Setting up"), HELP: _("Help called")}
    return others[status] if status in others else str(MachineStatus(status).label)
