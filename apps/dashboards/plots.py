"""What each chart of the board shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from apps.dashboards.charts import (
    BARS_AT_MOST,
    Bar,
    Category,
    Chart,
    Row,
    Series,
    Value,
    bars,
    thinned,
)
from apps.dashboards.figures import MachineLoad, Month, Scrap

MINUTES = 60  # Of an hour.


@dataclass(frozen=True, slots=True)
class Ranking:
    """Lying bars, the longest first, and all that they stand for as rows of a table.

    ``more`` is how many have no bar of their own.
    """

    bars: tuple[Bar, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: int


def jobs_by_month(months: Sequence[Month]) -> Chart:
    """Show how many jobs were made and completed in each month."""
    return _by_month(
        months,
        Series(_("made"), "open", tuple(month.made for month in months)),
        Series(_("completed"), "solid", tuple(month.completed for month in months)),
    )


def lead_time(months: Sequence[Month]) -> Chart:
    """Show within how many days half and nine tenths of a month's jobs went through."""
    chart = _by_month(
        months,
        Series(_("nine of ten within"), "open", tuple(month.lead_p90 for month in months)),
        Series(_("half within"), "solid", tuple(month.lead_p50 for month in months)),
    )
    return Chart(chart.categories, chart.series, _days)


def machine_load(machines: Sequence[MachineLoad]) -> Ranking:
    """Show for how long the planned work of each machine will keep it busy."""
    busy = sorted((each for each in machines if _minutes(each)), key=_minutes, reverse=True)
    rows = [
        Row(
            each.name,
            (each.running_minutes, each.waiting_minutes),
            hours(_minutes(each)),
            each.status,
        )
        for each in busy
    ]
    return Ranking(
        bars=bars(rows[:BARS_AT_MOST], ("solid", "open")),
        heads=(_("Machine"), _("Running"), _("Waiting"), _("Steps waiting")),
        rows=tuple(
            (
                each.name,
                hours(each.running_minutes),
                hours(each.waiting_minutes),
                f"{each.waiting_steps:,}",
            )
            for each in busy
        ),
        more=max(len(busy) - BARS_AT_MOST, 0),
    )


def scrap(processes: Sequence[Scrap]) -> Ranking:
    """Show of which processes most is scrapped, for what they make."""
    rows = [
        Row(each.name, (each.scrap_rate,), rate_words(each.scrap_rate))
        for each in processes
        if each.scrap_rate
    ]
    return Ranking(
        bars=bars(rows[:BARS_AT_MOST], ("solid",)),
        heads=(_("Process"), _("Good"), _("Scrap"), _("Rework"), _("Scrap rate")),
        rows=tuple(
            (
                each.name,
                f"{each.good:,}",
                f"{each.scrap:,}",
                f"{each.rework:,}",
                rate_words(each.scrap_rate),
            )
            for each in processes
        ),
        more=max(len(rows) - BARS_AT_MOST, 0),
    )


def hours(minutes: int) -> str:
    """Say how long planned work takes: ``45 min``, ``2.5 h``, ``1,240 h``."""
    if minutes < MINUTES:
        return _("%(minutes)s min") % {"minutes": minutes}
    long = minutes / MINUTES
    return _("%(hours)s h") % {"hours": f"{long:,.0f}" if long >= 10 else f"{long:.1f}"}  # noqa: PLR2004 - a tenth of an hour tells nothing of ten


def rate_words(rate: Value) -> str:
    """Say a share: ``2.3 %``; a dash for none, which is not nought."""
    if rate is None:
        return "–"
    percent = 100 * rate
    return "< 0.1 %" if 0 < percent < 0.1 else f"{percent:.1f} %"  # noqa: PLR2004 - what one digit can tell


def _minutes(machine: MachineLoad) -> int:
    return machine.running_minutes + machine.waiting_minutes


def _by_month(months: Sequence[Month], *series: Series) -> Chart:
    whole = pgettext("a month's format", "F Y")
    categories = tuple(
        Category(date_format(each.month, "M"), date_format(each.month, whole)) for each in months
    )
    return thinned(Chart(categories, series))


def _days(value: float) -> str:
    return ngettext("%(days)s day", "%(days)s days", int(value)) % {"days": f"{value:,.0f}"}
