"""The figures by plain COUNT and SUM over the rows: what the counters' must equal."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncMonth

from apps.accounts.models import Role, User
from apps.jobs.models import Job, JobStep, WorkLog
from apps.jobs.states import JobStatus, StepStatus
from apps.machines.models import Machine
from apps.machines.states import MachineStatus
from apps.processes.models import Process
from apps.shop.selectors import current_shop, end_of, start_of

PIECES = ("quantity_good", "quantity_scrap", "quantity_rework")
LEAD_TIMES = """
    SELECT date_trunc('month', completed_at AT TIME ZONE %s)::date, count(*),
        percentile_disc(0.5) WITHIN GROUP (ORDER BY days),
        percentile_disc(0.9) WITHIN GROUP (ORDER BY days)
    FROM (
        SELECT completed_at,
            floor(extract(epoch FROM completed_at - released_at) / 86400)::int AS days
        FROM jobs WHERE completed_at IS NOT NULL
    ) AS completed GROUP BY 1
"""


def jobs(day: date) -> dict[str, int]:
    counts = by_status(Job.objects.all(), JobStatus)
    return {
        "total": sum(counts.values()),
        **counts,
        "overdue": Job.objects.overdue(day).count(),
    }


def steps(rows: "QuerySet[JobStep]") -> dict[str, int]:
    return by_status(rows, StepStatus)


def by_status(
    rows: "QuerySet[Any]", statuses: type[JobStatus] | type[StepStatus]
) -> dict[str, int]:
    found = dict(rows.order_by().values_list("status").annotate(Count("pk")))
    return {str(status): found.get(status, 0) for status in statuses}


def machines() -> dict[str, int]:
    in_use = Q(is_active=True)
    states = {str(each): Count("pk", filter=in_use & Q(status=each)) for each in MachineStatus}
    return Machine.objects.aggregate(total=Count("pk"), active=Count("pk", filter=in_use), **states)


def users() -> dict[str, Any]:
    roles = Role.objects.annotate(active=Count("users", filter=Q(users__is_active=True)))
    return {
        "total": User.objects.count(),
        "active": User.objects.filter(is_active=True).count(),
        "by_role": dict(roles.values_list("name", "active")),
    }


def completed_on(user: User, day: date) -> int:
    done = JobStep.objects.filter(assigned_to=user, status=StepStatus.COMPLETED)
    return done.filter(completed_at__gte=start_of(day), completed_at__lt=end_of(day)).count()


def due_between(since: date, before: date) -> int:
    unfinished = Job.objects.filter(status__in=(JobStatus.ACTIVE, JobStatus.ON_HOLD))
    return unfinished.filter(due_date__gte=since, due_date__lt=before).count()


def jobs_by_month(column: str) -> dict[date, int]:
    month = TruncMonth(column, tzinfo=current_shop().zone)
    known = Job.objects.filter(**{f"{column}__isnull": False}).order_by()
    return {at.date(): n for at, n in known.values_list(month).annotate(Count("pk"))}


def lead_times() -> dict[date, tuple[int, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(LEAD_TIMES, [str(zone())])
        return {month: tuple(row) for month, *row in cursor.fetchall()}


def made(logs: "QuerySet[WorkLog]") -> tuple[int, int, int]:
    sums = logs.aggregate(**{name: Sum(name, default=0) for name in PIECES})
    return sums["quantity_good"], sums["quantity_scrap"], sums["quantity_rework"]


def logs_of(since: date, before: date) -> "QuerySet[WorkLog]":
    """Return the logs of some days: a log belongs to the one on which it ended, else began."""
    logs = WorkLog.objects.annotate(on=Coalesce("ended_at", "started_at"))
    return logs.filter(on__gte=start_of(since), on__lt=start_of(before))


def made_by_process(since: date, before: date) -> dict[int, tuple[int, int, int]]:
    logs = logs_of(since, before)
    return {each.pk: made(logs.filter(step__process=each)) for each in Process.objects.all()}


def load_of(machine: Machine, *statuses: StepStatus) -> tuple[int, int]:
    planned = JobStep.objects.filter(machine=machine, status__in=statuses)
    return planned.aggregate(sum=Sum("planned_minutes", default=0))["sum"], planned.count()


def month_after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def zone() -> ZoneInfo:
    return current_shop().zone
