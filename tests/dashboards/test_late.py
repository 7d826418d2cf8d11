"""Late jobs: which, in which order, how late, and at what cost."""

from datetime import timedelta

import pytest
from django.db import connection

from apps.dashboards.late import LATE_AT_MOST, late_jobs, read_late_jobs
from apps.jobs import services
from apps.jobs.models import Job
from apps.shop.selectors import today
from tests.factories import make_customer, make_job

pytestmark = pytest.mark.django_db


def test_the_longest_late_come_first_and_no_more_than_can_be_shown(planner):
    for days in range(1, LATE_AT_MOST + 2):
        job = make_job(actor=planner, released=True, due_date=today() - timedelta(days=days))
        if days % 2:
            services.hold_job(job.pk, actor=planner)

    late = read_late_jobs(Job.objects.all(), today())

    assert [each.days_late for each in late] == [*range(LATE_AT_MOST + 1, 1, -1)]
    assert {each.status for each in late} == {"active", "on_hold"}


def test_a_late_job_says_whose_it_is_and_how_far_it_is(planner):
    job = make_job(
        actor=planner, title="Frame", released=True, due_date=today() - timedelta(days=2)
    )
    make_job(actor=planner, released=True, due_date=today())

    (late,) = read_late_jobs(Job.objects.all(), today())

    assert (late.id, late.number, late.title) == (job.pk, job.number, "Frame")
    assert (late.customer_id, late.customer) == (job.customer_id, job.customer.name)
    assert (late.status, late.steps_done, late.steps_total) == ("active", 0, 1)
    assert (late.due_date, late.days_late) == (job.due_date, 2)


# Five thousand jobs due over the last years, one in a hundred of them still active.
OLD_SHOP = """
INSERT INTO jobs (title, customer_id, quantity, priority, status, due_date, notes, released_at,
                  completed_at)
SELECT '', %s, 1, 1, CASE WHEN n %% 100 = 0 THEN 'active' ELSE 'completed' END,
       current_date - n / 5, '', now(), CASE WHEN n %% 100 <> 0 THEN now() END
FROM generate_series(5, 5000) n;
ANALYZE jobs;
"""


def test_late_jobs_are_read_without_passing_over_the_old():
    with connection.cursor() as cursor:
        cursor.execute(OLD_SHOP, [make_customer().pk])

    plan = late_jobs(Job.objects.all(), "active", today()).explain(analyze=True)

    assert "Scan using idx_jobs_status_due_date " in plan or "Scan using idx_jobs_due_date " in plan
    assert "Seq Scan on jobs" not in plan
    assert "Rows Removed" not in plan
