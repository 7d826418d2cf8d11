"""The answers of the dashboard, kept as they are told while nothing changes.

A key holds the shop's day where the answer depends on it, for midnight changes no row, and the
asker where it depends on who asks. Who may be told is decided before.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import QuerySet

from apps.api.answers import Kept, keep
from apps.core.cache import Per, StateRead
from apps.dashboards import reckoning
from apps.dashboards.asker import Asker
from apps.dashboards.asking import MACHINES, PROCESSES, ask
from apps.dashboards.figures import Output
from apps.dashboards.late import read_late_jobs
from apps.dashboards.stats import count_jobs, read_own_stats, read_shop_stats, tell_stats
from apps.jobs.api.jobs import JobView
from apps.jobs.api.rows import JobRow
from apps.jobs.counters import JOBS_BY_STATUS, STEPS_BY_MACHINE
from apps.jobs.models import Job

RECENT = 10
RATE_DIGITS = 4

Scope = Asker | date
"""Whose jobs an answer tells: those that an asker sees, or, on a day, all."""


def stats(asker: Asker) -> Kept:
    """Return the counts that the asker is told.

    While others write, the shop's part is read once for all who ask, and one's own is bounded.
    """
    shop = _shop_stats(asker.day) if asker.sees_all else None
    return keep(tell_stats(asker, shop, _own_stats(asker)))


def _visible(scope: Scope) -> "QuerySet[Job]":
    return Job.objects.visible_to(scope.user) if isinstance(scope, Asker) else Job.objects.all()


def _recent_jobs(scope: Scope) -> Kept:
    shape = JobRow.shape()
    newest = _visible(scope).order_by("-pk")[:RECENT]
    return _results(map(shape.build, JobView.listing.fetch(newest, shape.paths)))


def _late_jobs(scope: Scope) -> Kept:
    day = scope.day if isinstance(scope, Asker) else scope
    return _results(
        {
            "id": job.id,
            "number": job.number,
            "title": job.title,
            "status": job.status,
            "customer": {"id": job.customer_id, "name": job.customer},
            "steps_total": job.steps_total,
            "steps_done": job.steps_done,
            "due_date": job.due_date,
            "days_late": job.days_late,
        }
        for job in read_late_jobs(_visible(scope), day)
    )


def _jobs_by_status(_key: None) -> Kept:
    found, _ = ask((JOBS_BY_STATUS,))
    counts = count_jobs(found)
    return _results({"status": status, "count": count} for status, count in counts.items())


def _jobs_by_month(day: date) -> Kept:
    found, _ = ask(reckoning.jobs_by_month_parts(day))
    return _results(
        {"month": month, "created": made, "completed": completed}
        for month, (made, completed) in reckoning.jobs_by_month(found, day).items()
    )


def _lead_times(day: date) -> Kept:
    found, _ = ask(reckoning.lead_times_parts(day))
    return _results(
        {"month": month, "completed": each.jobs, "p50_days": each.p50, "p90_days": each.p90}
        for month, each in reckoning.lead_times(found, day).items()
    )


def _machine_load(_key: None) -> Kept:
    found, rows = ask((STEPS_BY_MACHINE,), machines=MACHINES)
    return _results(
        {
            "machine": {"id": load.id, "name": load.name, "code": load.code},
            "status": load.status,
            "is_down": load.is_down,
            "waiting_minutes": load.waiting_minutes,
            "waiting_steps": load.waiting_steps,
            "running_minutes": load.running_minutes,
            "running_steps": load.running_steps,
        }
        for load in reckoning.machine_load(found[STEPS_BY_MACHINE], rows["machines"])
    )


def _scrap(day: date) -> Kept:
    parts = (*reckoning.output_by_process_parts(day), *reckoning.output_by_month_parts(day))
    found, rows = ask(parts, processes=PROCESSES)
    by_process = reckoning.output_by_process(found, day, rows["processes"])
    by_month = reckoning.output_by_month(found, day)
    return keep(
        {
            "by_process": [
                {"process": {"id": each.id, "name": each.name, "code": each.code}, **_made(each)}
                for each in by_process
            ],
            "by_month": [{"month": month, **_made(each)} for month, each in by_month.items()],
        }
    )


def _made(output: Output) -> dict[str, Any]:
    rate = output.scrap_rate
    return {
        "good": output.good,
        "scrap": output.scrap,
        "rework": output.rework,
        "rate": None if rate is None else round(rate, RATE_DIGITS),
    }


def _results(rows: Iterable[dict[str, Any]]) -> Kept:
    return keep({"results": list(rows)})


_shop_stats = StateRead("dashboards.shop_stats", read_shop_stats, ttl_seconds=30)
_own_stats = StateRead("dashboards.own_stats", read_own_stats, per=Per.USER, ttl_seconds=30)
recent_jobs = StateRead("dashboards.recent_jobs", _recent_jobs, per=Per.USER, ttl_seconds=60)
late_jobs = StateRead("dashboards.late_jobs", _late_jobs, per=Per.USER, ttl_seconds=60)
jobs_by_status = StateRead("dashboards.jobs_by_status", _jobs_by_status, ttl_seconds=120)
jobs_by_month = StateRead("dashboards.jobs_by_month", _jobs_by_month)
lead_times = StateRead("dashboards.lead_times", _lead_times)
machine_load = StateRead("dashboards.machine_load", _machine_load, ttl_seconds=120)
scrap = StateRead("dashboards.scrap", _scrap)
