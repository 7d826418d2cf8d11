"""Jobs past their due date, and how far."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from apps.jobs.models import Job
from apps.jobs.states import JOB_CAN_BE_LATE, JobStatus

LATE_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class LateJob:
    """A job past its due date, by so many whole days."""

    id: int
    number: str
    title: str
    customer_id: int
    customer: str
    status: str
    steps_done: int
    steps_total: int
    due_date: date
    days_late: int


COLUMNS = (
    "id",
    "number",
    "title",
    "customer_id",
    "customer__name",
    "status",
    "steps_done",
    "steps_total",
    "due_date",
)


def read_late_jobs(jobs: "QuerySet[Job]", day: date) -> tuple[LateJob, ...]:
    """Return which of the jobs are longest past their due date on a day. Queries: 1."""
    first, *others = (
        late_jobs(jobs, status, day).values_list(*COLUMNS) for status in JOB_CAN_BE_LATE
    )
    rows = first.union(*others, all=True).order_by("due_date", "id")[:LATE_AT_MOST]
    return tuple(LateJob(*(*row, (day - row[-1]).days)) for row in rows)


def late_jobs(jobs: "QuerySet[Job]", status: JobStatus, day: date) -> "QuerySet[Job]":
    """Return the first late ones of the jobs in a status, longest late first.

    Each status is read in its own order and the two are merged: read together, the oldest due
    dates of all jobs, nearly all of them completed, would be passed over first.

    Uses index: idx_jobs_status_due_date.
    """
    late = jobs.filter(status=status, due_date__lt=day)
    return late.order_by("due_date", "pk")[:LATE_AT_MOST]
