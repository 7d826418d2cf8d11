"""The numbers behind the board's charts, counted as they are asked for."""

from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone

from apps.accounts.models import Role, User
from apps.core.policies import require
from apps.dashboards.selectors import count_tasks
from apps.jobs.models import Job, JobStep
from apps.jobs.states import JobStatus, StepStatus
from apps.machines.models import Machine
from apps.machines.states import MachineStatus
from apps.shop.selectors import current_shop, start_of, today

MONTHS = 12
RECENT = 10
SEES_ALL = "jobs.view_job"

Counts = dict[str, int]


def stats(user: User) -> dict[str, Any]:
    """Return what goes on in the shop; who does not see all jobs gets their own part of it.

    Queries: 10; 6 for who sees their own. One less for who may work on no process.
    """
    sees_all = user.has_perm(SEES_ALL)
    steps = JobStep.objects.all() if sees_all else JobStep.objects.filter(assigned_to=user)
    return {
        "jobs": _jobs() if sees_all else None,
        "steps": _by_status(steps, StepStatus),
        "machines": _machines() if sees_all else None,
        "users": _users() if sees_all and user.has_perm("accounts.view_user") else None,
        "my_tasks": _my_tasks(user),
        "as_of": timezone.now(),
    }


def recent_jobs(user: User) -> "QuerySet[Job]":
    """Return the jobs made last, of those that the user may see."""
    return Job.objects.visible_to(user).order_by("-pk")[:RECENT]


def jobs_by_status(user: User) -> Counts:
    """Return how many jobs there are of each status. Raises: NotPermitted. Queries: 1."""
    require(user, SEES_ALL, "see all jobs")
    return _by_status(Job.objects.all(), JobStatus)


def jobs_by_month(user: User) -> dict[date, tuple[int, int]]:
    """Return how many jobs were made and completed in each of the last MONTHS months.

    Months are the shop's, by their first days, this one last.

    Raises: NotPermitted. Queries: 2.
    """
    require(user, SEES_ALL, "see all jobs")
    months = _months()
    made, completed = (_by_month(name, since=months[0]) for name in ("created_at", "completed_at"))
    return {month: (made.get(month, 0), completed.get(month, 0)) for month in months}


def _jobs() -> Counts:
    counts = _by_status(Job.objects.all(), JobStatus)
    overdue = Job.objects.overdue(today()).count()
    return {"total": sum(counts.values()), **counts, "overdue": overdue}


def _machines() -> Counts:
    """Count machines; idle, running and down are told of those in use."""
    in_use = Q(is_active=True)
    states = {str(each): Count("pk", filter=in_use & Q(status=each)) for each in MachineStatus}
    return Machine.objects.aggregate(total=Count("pk"), active=Count("pk", filter=in_use), **states)


def _users() -> dict[str, Any]:
    """Count users; by role those who may sign in."""
    counted = Role.objects.annotate(
        every=Count("users"), active=Count("users", filter=Q(users__is_active=True))
    )
    roles = list(counted.order_by("name").values_list("name", "every", "active"))
    return {
        "total": sum(every for _, every, _ in roles),
        "active": sum(active for _, _, active in roles),
        "by_role": {name: active for name, _, active in roles},
    }


def _my_tasks(user: User) -> Counts:
    done = JobStep.objects.filter(
        assigned_to=user, status=StepStatus.COMPLETED, completed_at__gte=start_of(today())
    )
    counts = {name: count for name, (count, _) in count_tasks(user).items()}
    return {**counts, "completed_today": done.count()}


def _by_status(rows: "QuerySet[Any]", statuses: type[JobStatus] | type[StepStatus]) -> Counts:
    """Return how many rows have each status, none left out. Queries: 1."""
    found = dict(rows.order_by().values_list("status").annotate(Count("pk")))
    return {str(status): found.get(status, 0) for status in statuses}


def _by_month(column: str, *, since: date) -> dict[date, int]:
    rows = Job.objects.filter(**{f"{column}__gte": start_of(since)})
    month = TruncMonth(column, tzinfo=current_shop().zone)
    counted = rows.order_by().values_list(month).annotate(Count("pk"))
    return {instant.date(): count for instant, count in counted}


def _months() -> list[date]:
    """Return the first days of the last months, the oldest first."""
    day = today()
    last = day.year * 12 + day.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(last - MONTHS + 1, last + 1)]
