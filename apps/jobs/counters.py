"""What is counted of jobs, steps and work logs."""

from apps.counters.declarations import (
    Counter,
    Date,
    Day,
    Month,
    MonthOfDate,
    Number,
    Through,
    WholeDays,
    Word,
)
from apps.jobs.states import JOB_CAN_BE_LATE, STEP_OPEN

JOBS_BY_STATUS = Counter("jobs_by_status", (Word("status"),))
# Overdue and due this week are sums over dates.
JOBS_BY_DUE_DATE = Counter(
    "jobs_by_due_date",
    (Date("due_date"),),
    known=("due_date",),
    among=("status", JOB_CAN_BE_LATE),
)
# The same by months: of years of dates that have passed, a sum reads as many months.
JOBS_BY_DUE_MONTH = Counter(
    "jobs_by_due_month",
    (MonthOfDate("due_date"),),
    known=("due_date",),
    among=("status", JOB_CAN_BE_LATE),
)
JOBS_CREATED = Counter("jobs_created", (Month("created_at"),))
JOBS_COMPLETED = Counter("jobs_completed", (Month("completed_at"),), known=("completed_at",))
# From release to completion: what the shop has in hand.
LEAD_TIMES = Counter(
    "lead_times",
    (Month("completed_at"), WholeDays("released_at", "completed_at")),
    known=("completed_at",),
)

STEPS_BY_STATUS = Counter("steps_by_status", (Word("status"),))
STEPS_BY_MACHINE = Counter(
    "steps_by_machine",
    (Number("machine_id"), Word("status")),
    sums=("planned_minutes",),
    known=("machine_id",),
    among=("status", STEP_OPEN),
)
STEPS_BY_ASSIGNEE = Counter(
    "steps_by_assignee", (Number("assigned_to_id"), Word("status")), known=("assigned_to_id",)
)
STEPS_COMPLETED = Counter(
    "steps_completed",
    (Day("completed_at"), Number("assigned_to_id")),
    known=("completed_at",),
    recent_days=7,  # A key a day and user: of all days they would be millions.
)

# A log belongs to the day on which it ended; while it is open, to that on which it began.
OUTPUT = Counter(
    "output",
    (Day("ended_at", "started_at"), Through("step_id", "job_steps", "process_id")),
    sums=("quantity_good", "quantity_scrap", "quantity_rework"),
)
