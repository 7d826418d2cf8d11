"""What the database refuses, whoever asks: every illegal transition, every false fact."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from apps.jobs.models import Job, JobStep, WorkLog
from apps.jobs.states import JOB_NEXT, STEP_NEXT, JobStatus, StepStatus
from tests.factories import make_job, make_step, make_user

pytestmark = pytest.mark.django_db
needs_owner = pytest.mark.usefixtures("as_tables_owner")  # Of the triggers that `put` switches off.

THEN = datetime(2020, 1, 1, tzinfo=UTC)

JOB_TIMES = {
    "draft": "released_at = NULL, completed_at = NULL",
    "active": "released_at = now(), completed_at = NULL",
    "on_hold": "released_at = now(), completed_at = NULL",
    "completed": "released_at = now(), completed_at = now()",
    "cancelled": "completed_at = NULL",
}
STEP_TIMES = {
    "pending": "started_at = NULL, completed_at = NULL",
    "ready": "started_at = NULL, completed_at = NULL",
    "in_progress": "started_at = now(), completed_at = NULL",
    "paused": "started_at = now(), completed_at = NULL",
    "completed": "started_at = now(), completed_at = now()",
    "skipped": "completed_at = NULL",
    "cancelled": "completed_at = NULL",
}


def put(table: str, pk: int, status: str, times: str) -> None:
    """Set a row's state past the trigger, as a test's starting point."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # ALTER TABLE waits for nothing pending.
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(f"UPDATE {table} SET status = %s, {times} WHERE id = %s", [status, pk])  # noqa: S608 - ours
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def try_to_move(table: str, pk: int, status: str, times: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET status = %s, {times} WHERE id = %s", [status, pk])  # noqa: S608 - ours
    except DatabaseError:
        return False
    return True


def test_no_setting_of_a_session_lets_a_status_pass():
    job = make_job()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pgtrigger.ignore', array_agg(tgname)::text, true)"
            " FROM pg_trigger WHERE tgname ~ 'pgtrigger'"
        )

    assert not try_to_move("jobs", job.pk, "completed", JOB_TIMES["completed"])


@needs_owner
def test_sql_moves_a_job_only_as_the_table_allows():
    job = make_job()
    for before, after in product(JobStatus, JobStatus):
        put("jobs", job.pk, before, JOB_TIMES[before])
        allowed = after in JOB_NEXT[before] or after == before
        assert try_to_move("jobs", job.pk, after, JOB_TIMES[after]) is allowed, (before, after)


@needs_owner
def test_sql_moves_a_step_only_as_the_table_allows():
    step = make_step()
    for before, after in product(StepStatus, StepStatus):
        put("job_steps", step.pk, before, STEP_TIMES[before])
        allowed = after in STEP_NEXT[before] or after == before
        assert try_to_move("job_steps", step.pk, after, STEP_TIMES[after]) is allowed, (
            before,
            after,
        )


@pytest.mark.parametrize(
    ("model", "false"),
    [
        (Job, {"quantity": 0}),
        (Job, {"priority": 4}),
        (Job, {"status": "lost"}),
        (Job, {"steps_done": 5}),
        (Job, {"completed_at": THEN}),
        (Job, {"status": "completed"}),
        (JobStep, {"quantity_good": -1}),
        (JobStep, {"started_at": THEN}),
        (JobStep, {"starts_after": "lunch"}),
        (JobStep, {"priority": 9}),
    ],
    ids=str,
)
def test_the_database_refuses_what_is_not_so(model, false):
    make_step()
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.update(**false)


@pytest.mark.parametrize(
    "false",
    [
        {"quantity_good": -1},
        {"quantity_scrap": 1},
        {"kind": "correction", "quantity_good": 1},
        {"kind": "lunch"},
        {"started_at": None, "ended_at": THEN},
        {"ended_at": THEN},
    ],
    ids=str,
)
def test_the_database_refuses_a_log_that_cannot_be(false):
    step, user = make_step(), make_user()
    with pytest.raises(DatabaseError), transaction.atomic():
        WorkLog.objects.create(**{"step": step, "user": user, "started_at": timezone.now()} | false)


@needs_owner
@pytest.mark.parametrize("model", [Job, JobStep])
def test_what_is_completed_has_its_times(model):
    step = make_step()
    table, pk = model._meta.db_table, step.pk if model is JobStep else step.job_id
    put(
        table,
        pk,
        *(
            ("active", JOB_TIMES["active"])
            if model is Job
            else ("in_progress", STEP_TIMES["in_progress"])
        ),
    )
    assert not try_to_move(table, pk, "completed", "completed_at = NULL")


def test_two_open_logs_of_one_user_on_one_step_are_refused():
    step, user = make_step(), make_user()
    WorkLog.objects.create(step=step, user=user, started_at=timezone.now())
    with pytest.raises(DatabaseError), transaction.atomic():
        WorkLog.objects.create(step=step, user=user, started_at=timezone.now())


def test_a_settled_log_is_never_changed_or_deleted():
    then = timezone.now() - timedelta(hours=1)
    log = WorkLog.objects.create(step=make_step(), user=make_user(), started_at=then, ended_at=then)
    with pytest.raises(DatabaseError, match="add a correction"), transaction.atomic():
        WorkLog.objects.filter(pk=log.pk).update(quantity_good=5)
    with pytest.raises(DatabaseError, match="add a correction"), transaction.atomic():
        log.delete()


def test_raw_sql_raises_the_version_but_derived_columns_do_not():
    step = make_step()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE job_steps SET instructions = 'Mind the burr'")
    changed = JobStep.objects.get()
    assert changed.version == step.version + 1

    JobStep.objects.update(quantity_good=1)
    assert JobStep.objects.get().version == changed.version
