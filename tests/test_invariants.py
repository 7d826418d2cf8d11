"""Each invariant sees what breaks it."""

import pytest
from django.db import connection

from apps.jobs import services
from apps.jobs.services import Report
from apps.machines.services import end_downtime, start_downtime
from apps.machines.states import ReasonKind
from tests.factories import make_job, make_machine, make_process, make_reason, permit
from tests.invariants import INVARIANTS, assert_invariants, audited_tables

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db,
    pytest.mark.usefixtures("as_tables_owner"),  # Of the rules that are switched off.
]

TABLES = (
    "jobs",
    "job_steps",
    "work_logs",
    "machines",
    "machine_downtimes",
    "role_process_permissions",
)
# What breaks each: what the services never do, and much of what the database itself refuses.
BREAKS = {
    "a step's quantities are the sums of its logs": "UPDATE job_steps SET quantity_good = 99",
    "a job's counts are those of its steps, cancelled ones left out": (
        "UPDATE jobs SET steps_total = 99"
    ),
    "a step carries its job's priority, due date and quantity": (
        "UPDATE jobs SET due_date = '2030-01-02'"
    ),
    "a job's status allows those of its steps": "UPDATE jobs SET status = 'completed'",
    "a job on the floor has steps": "UPDATE job_steps SET job_id = (SELECT min(id) FROM jobs)",
    "a waiting step is ready exactly when those before it let it begin": (
        "UPDATE job_steps SET status = 'ready' WHERE status = 'pending'"
    ),
    "a step has an open log exactly while it is in progress": (
        "UPDATE work_logs SET ended_at = now()"
    ),
    "a step in progress is somebody's": "UPDATE job_steps SET assigned_to_id = NULL",
    "nobody has two open logs on one step": (
        "INSERT INTO work_logs (step_id, user_id, machine_id, kind, started_at, note)"
        " SELECT step_id, user_id, machine_id, kind, started_at, note FROM work_logs"
    ),
    "work going on is on the machine of its step": "UPDATE work_logs SET machine_id = NULL",
    "a step begins with its first log and, completed, ends with its last": (
        "UPDATE job_steps SET started_at = started_at - interval '1 day'"
    ),
    "a job is released before its steps begin and completed after they end": (
        "UPDATE jobs SET released_at = now() + interval '1 day'"
    ),
    "what can be undone is the last that happened": (
        """UPDATE job_steps SET undo = '{"action": "start"}'"""
    ),
    "scrap has a reason for scrap, and a downtime one for downtimes": (
        "UPDATE machine_downtimes SET reason_id = (SELECT id FROM reasons WHERE kind = 'scrap'"
        " LIMIT 1)"
    ),
    "a machine runs as many steps as are in progress on it": (
        "UPDATE machines SET running_steps = 9"
    ),
    "a machine runs no more steps than it can": "UPDATE machines SET capacity = 0",
    "a machine's status follows from its downtimes and steps": (
        "UPDATE machines SET status = 'down'"
    ),
    "no two downtimes of a machine overlap": (
        "INSERT INTO machine_downtimes (machine_id, reason_id, started_at, note)"
        " SELECT machine_id, reason_id, started_at - interval '1 hour', '' FROM machine_downtimes"
    ),
    "each right to a process implies the one before it": (
        "UPDATE role_process_permissions SET can_view = false"
    ),
}


@pytest.fixture
def shop(operator, supervisor):
    """One step completed with scrap, one running on a machine that was down, two waiting."""
    process = make_process(needs_machine=True)
    permit(operator, process)
    machine = make_machine(process, capacity=2)
    make_job(process)
    job = make_job(process, process, process, released=True)
    first, second, _ = job.steps.all()
    services.start_step(first.pk, actor=operator, machine_id=machine.pk)
    scrap = Report(good=9, scrap=1, scrap_reason=make_reason())
    services.complete_step(first.pk, scrap, actor=operator)
    services.start_step(second.pk, actor=operator, machine_id=machine.pk)
    downtime = start_downtime(machine.pk, reason=make_reason(ReasonKind.DOWNTIME), actor=supervisor)
    end_downtime(downtime.pk, actor=supervisor)


def run(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def without_rules():
    """Let the rest of this test's transaction write whatever it likes."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # ALTER TABLE waits for nothing pending.
        cursor.execute(
            "SELECT conrelid::regclass, conname FROM pg_constraint JOIN pg_class t"
            " ON t.oid = conrelid WHERE contype IN ('c', 'x') AND relname = ANY(%s)",
            [list(TABLES)],
        )
        for table, name in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        cursor.execute("DROP INDEX work_logs_open_uniq")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def test_they_hold_in_a_shop_at_work(shop):
    assert_invariants()


@pytest.mark.parametrize("name", INVARIANTS)
def test_what_breaks_an_invariant_is_seen_and_named(shop, name):
    without_rules()
    run(BREAKS[name])
    with pytest.raises(AssertionError) as broken:
        assert_invariants(trail=False)
    assert repr(name) in str(broken.value)


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("jobs", "UPDATE jobs SET notes = 'Changed'"),
        ("work_logs", "UPDATE work_logs SET note = 'Changed'"),
        ("machine_downtimes", "UPDATE machine_downtimes SET ended_at = NULL"),
        (
            "reasons",
            "INSERT INTO reasons (kind, code, name, is_active) VALUES ('scrap', 'x', 'X', true)",
        ),
    ],
)
def test_a_change_without_its_row_in_the_trail_is_seen(shop, table, change):
    run(
        "SET CONSTRAINTS ALL IMMEDIATE",
        f"ALTER TABLE {table} DISABLE TRIGGER USER",
        change,
        f"ALTER TABLE {table} ENABLE TRIGGER USER",
    )
    with pytest.raises(AssertionError, match=f"the trail tells each row of {table}"):
        assert_invariants()


@pytest.mark.parametrize(
    ("counter", "table", "change"),
    [
        (
            "jobs_by_status",
            "jobs",
            "UPDATE jobs SET status = 'on_hold' WHERE status = 'active'",
        ),
        ("steps_by_machine", "job_steps", "UPDATE job_steps SET planned_minutes = 9"),
        ("machines_by_status", "machines", "UPDATE machines SET is_active = NOT is_active"),
        ("users_by_role", "users", "UPDATE users SET is_active = NOT is_active"),
    ],
)
def test_a_change_that_is_not_counted_is_seen(shop, counter, table, change):
    run(
        "SET CONSTRAINTS ALL IMMEDIATE",
        f"ALTER TABLE {table} DISABLE TRIGGER USER",
        change,
        f"ALTER TABLE {table} ENABLE TRIGGER USER",
    )
    with pytest.raises(AssertionError, match=f"the counter {counter} says what the rows say"):
        assert_invariants(trail=False)


def test_the_trail_of_every_table_that_people_change_is_replayed():
    replayed = {"jobs", "job_steps", "work_logs", "users", "machine_processes"}
    assert audited_tables().keys() >= replayed
