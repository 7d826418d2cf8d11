"""Whatever changes rows, through whatever door, the counters say what the rows say."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from apps.accounts.counters import USERS_BY_ROLE
from apps.accounts.models import Role, User
from apps.counters.models import CounterDelta
from apps.counters.services import tidy
from apps.jobs import services
from apps.jobs.counters import (
    JOBS_BY_DUE_DATE,
    JOBS_BY_DUE_MONTH,
    JOBS_BY_STATUS,
    JOBS_COMPLETED,
    JOBS_CREATED,
    LEAD_TIMES,
    OUTPUT,
    STEPS_BY_ASSIGNEE,
    STEPS_BY_MACHINE,
    STEPS_BY_STATUS,
    STEPS_COMPLETED,
)
from apps.jobs.models import Job, JobStep, WorkLog
from apps.jobs.services import Report
from apps.machines.counters import MACHINES_BY_STATUS
from apps.machines.models import Machine
from tests.factories import (
    make_customer,
    make_job,
    make_machine,
    make_process,
    make_reason,
    make_step,
    make_user,
    permit,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
DUE = date(2026, 3, 9)


def run(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def jobs(count, **fields):
    customer = make_customer()
    rows = [Job(customer=customer, quantity=1, **fields) for _ in range(count)]
    return Job.objects.bulk_create(rows)


def complete(job, *, begun=NOON, ended=NOON):
    """Write a job as a completed one, by the row and not by its life."""
    Job.objects.filter(pk=job.pk).update(status="active", released_at=begun)
    Job.objects.filter(pk=job.pk).update(status="completed", completed_at=ended)


def test_jobs_are_counted_by_status_through_their_life(counted, planner):
    job = make_job()
    assert counted(JOBS_BY_STATUS) == {("draft",): 1}
    services.release_job(job.pk, actor=planner)
    assert counted(JOBS_BY_STATUS) == {("active",): 1}
    services.hold_job(job.pk, actor=planner)
    assert counted(JOBS_BY_STATUS) == {("on_hold",): 1}
    services.cancel_job(job.pk, actor=planner)
    assert counted(JOBS_BY_STATUS) == {("cancelled",): 1}


def test_jobs_that_can_be_late_are_counted_by_due_date(counted, planner):
    first, second = (make_job(released=True, due_date=DUE) for _ in range(2))
    make_job(released=True)
    jobs(1, due_date=DUE)
    assert counted(JOBS_BY_DUE_DATE) == {(DUE,): 2}
    assert counted(JOBS_BY_DUE_MONTH) == {(date(2026, 3, 1),): 2}
    Job.objects.filter(pk=first.pk).update(due_date=DUE + timedelta(days=1))
    services.hold_job(first.pk, actor=planner)
    complete(second)
    assert counted(JOBS_BY_DUE_DATE) == {(DUE + timedelta(days=1),): 1}
    Job.objects.filter(pk=first.pk).update(due_date=None)
    assert counted(JOBS_BY_DUE_DATE) == {}


def test_jobs_are_counted_by_the_months_they_were_made_and_completed_in(counted):
    march, april = date(2026, 3, 1), date(2026, 4, 1)
    first, _ = jobs(2, created_at=NOON)
    complete(first, ended=datetime(2026, 4, 30, 23, 59, tzinfo=UTC))
    assert counted(JOBS_CREATED) == {(march,): 2}
    assert counted(JOBS_COMPLETED) == {(april,): 1}


def test_lead_times_are_whole_days_from_release_to_completion(counted):
    for hours in (0, 23, 24, 47, 240):
        (job,) = jobs(1)
        complete(job, ended=NOON + timedelta(hours=hours))
    march = date(2026, 3, 1)
    assert counted(LEAD_TIMES) == {(march, 0): 2, (march, 1): 2, (march, 10): 1}


def test_steps_are_counted_by_status_machine_and_who_has_them(counted, operator, supervisor):
    process = make_process(needs_machine=True)
    permit(operator, process)
    permit(supervisor, process, "can_supervise")
    machine = make_machine(process)
    first, second, third = make_job(process, process, process, released=True).steps.all()
    JobStep.objects.filter(pk=third.pk).update(machine=machine)
    services.start_step(first.pk, actor=operator, machine_id=machine.pk)

    assert counted(STEPS_BY_STATUS) == {("in_progress",): 1, ("pending",): 2}
    assert counted(STEPS_BY_MACHINE) == {
        (machine.pk, "in_progress"): 1,
        (machine.pk, "pending"): 1,
    }
    assert counted(STEPS_BY_MACHINE, sums=True) == {
        (machine.pk, "in_progress"): (first.planned_minutes,),
        (machine.pk, "pending"): (third.planned_minutes,),
    }
    assert counted(STEPS_BY_ASSIGNEE) == {(operator.pk, "in_progress"): 1}
    assert counted(STEPS_COMPLETED) == {}

    services.complete_step(first.pk, Report(good=10), actor=operator)
    services.skip_step(second.pk, actor=supervisor)
    JobStep.objects.filter(pk=third.pk).update(planned_minutes=7)
    assert counted(STEPS_BY_STATUS) == {("completed",): 1, ("skipped",): 1, ("ready",): 1}
    assert counted(STEPS_BY_MACHINE, sums=True) == {(machine.pk, "ready"): (7,)}
    assert counted(STEPS_BY_ASSIGNEE) == {(operator.pk, "completed"): 1}
    today = timezone.now().date()
    assert counted(STEPS_COMPLETED) == {(today, operator.pk): 1}


def test_completed_steps_are_told_of_recent_days_alone(counted, operator):
    """Else there were a key for each day and user there ever was."""
    now, step = timezone.now(), make_step()
    days = range(12)
    JobStep.objects.bulk_create(
        JobStep(
            job=step.job,
            sequence=20,
            process=step.process,
            assigned_to=operator,
            quantity_planned=1,
            status="completed",
            started_at=now - timedelta(days=30),
            completed_at=now - timedelta(days=day),
        )
        for day in days
    )
    told = {(now.date() - timedelta(days=day), operator.pk): 1 for day in range(8)}
    assert counted(STEPS_COMPLETED).items() >= told.items()
    tidy()
    assert counted(STEPS_COMPLETED) == told
    JobStep.objects.filter(status="completed").update(completed_at=now)  # Of forgotten days too.
    tidy()
    assert counted(STEPS_COMPLETED) == {(now.date(), operator.pk): len(days)}


def test_output_is_counted_by_day_and_process(counted, operator, supervisor):
    process, other = make_process(), make_process()
    permit(operator, process)
    permit(operator, other)
    permit(supervisor, process, "can_supervise")
    first, second = make_job(process, other, released=True, quantity=100).steps.all()
    today = timezone.now().date()
    services.start_step(first.pk, actor=operator)
    services.report_step(first.pk, Report(good=4, rework=1), actor=operator)
    assert counted(OUTPUT, sums=True)[today, process.pk] == (4, 0, 1)
    scrapped = Report(good=1, scrap=2, scrap_reason=make_reason())
    services.complete_step(first.pk, scrapped, actor=operator)
    services.start_step(second.pk, actor=operator)
    services.complete_step(second.pk, Report(good=9), actor=operator)
    services.correct_step(first.pk, actor=supervisor, good=-3, note="Counted twice.")
    assert counted(OUTPUT, sums=True) == {
        (today, process.pk): (2, 2, 1),
        (today, other.pk): (9, 0, 0),
    }


def test_a_log_belongs_to_the_day_it_ended_and_before_to_the_day_it_began(counted, operator):
    step = make_step()
    log = WorkLog.objects.create(step=step, user=operator, started_at=NOON, quantity_good=5)
    assert counted(OUTPUT, sums=True) == {(date(2026, 3, 4), step.process_id): (5, 0, 0)}
    WorkLog.objects.filter(pk=log.pk).update(ended_at=NOON + timedelta(days=1))
    assert counted(OUTPUT, sums=True) == {(date(2026, 3, 5), step.process_id): (5, 0, 0)}


def test_pieces_of_an_unknown_time_have_no_day(counted, operator):
    step = make_step()
    WorkLog.objects.create(step=step, user=operator, quantity_good=5)
    assert counted(OUTPUT, sums=True) == {(None, step.process_id): (5, 0, 0)}


def test_a_step_that_was_begun_keeps_its_process(operator, counted):
    step, other = make_step(), make_process()
    JobStep.objects.filter(pk=step.pk).update(process=other)  # Nothing was made by the first.
    log = WorkLog.objects.create(step=step, user=operator, started_at=timezone.now())
    for begun in (False, True):
        if begun:
            permit(operator, other)
            WorkLog.objects.filter(pk=log.pk).delete()
            services.start_step(step.pk, actor=operator)
        with pytest.raises(IntegrityError, match="keeps its process"), transaction.atomic():
            JobStep.objects.filter(pk=step.pk).update(process=make_process())
    assert set(counted(OUTPUT)) == {(timezone.now().date(), other.pk)}


def test_machines_are_counted_by_status_and_whether_they_are_in_use(counted):
    machine, _ = make_machine(), make_machine(is_active=False)
    assert counted(MACHINES_BY_STATUS) == {(True, "idle"): 1, (False, "idle"): 1}
    Machine.objects.filter(pk=machine.pk).update(status="down")
    assert counted(MACHINES_BY_STATUS) == {(True, "down"): 1, (False, "idle"): 1}


def test_users_are_counted_by_role_and_whether_they_may_sign_in(counted):
    user, viewer = make_user("operator"), Role.objects.get(code="viewer")
    before = counted(USERS_BY_ROLE)
    assert before[user.role_id, True] == 1
    user.is_active, user.role = False, viewer
    user.save()
    assert counted(USERS_BY_ROLE) == {(viewer.pk, False): 1}


CHANGES = {
    "save": lambda job: Job(pk=job.pk, customer_id=job.customer_id, quantity=2).save(),
    "create": lambda _: jobs(1, due_date=DUE),
    "bulk create": lambda _: jobs(100, due_date=DUE),
    "bulk create beside what is there": lambda job: Job.objects.bulk_create(
        [
            Job(number=job.number, customer_id=job.customer_id, quantity=1),
            Job(customer_id=job.customer_id, quantity=1),
        ],
        ignore_conflicts=True,
    ),
    "create or change": lambda job: Job.objects.bulk_create(
        [
            Job(number=job.number, customer_id=job.customer_id, quantity=1, due_date=DUE),
            Job(number="NEW-1", customer_id=job.customer_id, quantity=1, due_date=DUE),
        ],
        update_conflicts=True,
        unique_fields=["number"],
        update_fields=["due_date"],
    ),
    "update": lambda _: Job.objects.update(due_date=DUE + timedelta(days=1)),
    "bulk update": lambda job: Job.objects.bulk_update(
        [Job(pk=job.pk, due_date=None)], ["due_date"]
    ),
    "raw insert": lambda job: run(
        "INSERT INTO jobs (title, notes, customer_id, quantity, priority, status)"
        " SELECT '', '', %s, 1, 1, 'draft' FROM generate_series(1, 9)",
        job.customer_id,
    ),
    "raw update": lambda _: run("UPDATE jobs SET due_date = due_date + 1, created_at = now()"),
    "raw delete": lambda job: run("DELETE FROM jobs WHERE id = %s", job.pk),
    "delete": lambda job: job.delete(),
    "delete of many": lambda _: Job.objects.all().delete(),
    "one statement that does several things": lambda job: run(
        "WITH gone AS (DELETE FROM jobs WHERE id = %s),"
        " moved AS (UPDATE jobs SET due_date = '2026-12-24' WHERE id <> %s)"
        " INSERT INTO jobs (title, notes, customer_id, quantity, priority, status)"
        " VALUES ('', '', %s, 1, 1, 'draft')",
        job.pk,
        job.pk,
        job.customer_id,
    ),
    "merge": lambda job: run(
        "MERGE INTO jobs USING (VALUES (%s), (0)) AS new (id) ON jobs.id = new.id"
        " WHEN MATCHED THEN UPDATE SET due_date = NULL"
        " WHEN NOT MATCHED THEN INSERT (title, notes, customer_id, quantity, priority, status)"
        " VALUES ('', '', %s, 1, 1, 'draft')",
        job.pk,
        job.customer_id,
    ),
    "copy": lambda job: copy(job, 50),
}


def copy(job, count):
    columns = "title, notes, customer_id, quantity, priority, status"
    with connection.cursor() as cursor, cursor.copy(f"COPY jobs ({columns}) FROM STDIN") as rows:
        for _ in range(count):
            rows.write_row(("", "", job.customer_id, 1, 1, "draft"))


@pytest.mark.parametrize("name", CHANGES)
def test_every_way_to_change_rows_is_counted(name, assert_exact):
    job, *_ = jobs(3, due_date=DUE)
    assert_exact()
    CHANGES[name](job)
    assert_exact()
    assert CounterDelta.objects.exists()


def test_what_is_rolled_back_was_never_counted(counted):
    jobs(1)
    with transaction.atomic():
        jobs(5)
        Job.objects.update(due_date=DUE)
        Job.objects.filter(pk=Job.objects.first().pk).delete()
        transaction.set_rollback(True)
    assert counted(JOBS_BY_STATUS) == {("draft",): 1}


def test_however_many_rows_come_or_go_at_once_they_leave_a_delta_a_key():
    before = CounterDelta.objects.count()
    jobs(1_000, due_date=DUE)
    made = CounterDelta.objects.count()
    assert made - before == 2  # By status and month made.
    Job.objects.all()._raw_delete("default")
    assert CounterDelta.objects.count() - made == 2


def test_a_change_that_counts_nowhere_writes_no_delta(operator):
    job = make_job()
    before = CounterDelta.objects.count()
    Job.objects.update(notes="Call first.", quantity=11, steps_total=1)
    JobStep.objects.update(quantity_good=3, instructions="Carefully.", priority=2)
    Machine.objects.update(name="Renamed", running_steps=0)
    User.objects.update(full_name="Renamed", password="!")  # noqa: S106 - nobody's
    Job.objects.filter(pk=job.pk).update(created_at=job.created_at)
    assert CounterDelta.objects.count() == before


def test_a_delta_is_written_only_of_what_changes():
    (job,) = jobs(1, due_date=DUE)
    Job.objects.filter(pk=job.pk).update(status="active", released_at=NOON)
    CounterDelta.objects.all().delete()
    Job.objects.filter(pk=job.pk).update(due_date=DUE + timedelta(days=1))
    assert {each.counter for each in CounterDelta.objects.all()} == {"jobs_by_due_date"}


def test_whoever_changes_rows_is_counted_without_a_right_to_write_counters():
    """The triggers write as the tables' owner, and look names up where nobody else puts any."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT prosecdef, proconfig FROM pg_trigger"
            " JOIN pg_proc ON pg_proc.oid = tgfoid WHERE tgname LIKE 'pgtrigger_count_%'"
        )
        assert cursor.fetchall() == [(True, ["search_path=pg_catalog, pg_temp"])]
