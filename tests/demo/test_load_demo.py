"""The demo: complete, consistent, the same each time, and never where it does not belong."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone

from apps.accounts.models import User
from apps.catalog.models import Part
from apps.customers.models import Customer
from apps.demo import services
from apps.demo.errors import DemoForbidden, NotEmpty
from apps.demo.story import tell
from apps.jobs import services as jobs
from apps.jobs.models import HelpCall, Job, JobStep, Routing, WorkLog
from apps.jobs.states import JobStatus, Priority, StepStatus
from apps.machines.models import Machine, MachineDowntime
from apps.processes.models import Process
from apps.processes.selectors import process_rights
from apps.shop.models import Shop
from apps.shop.selectors import today
from tests.factories import make_customer
from tests.invariants import assert_invariants

pytestmark = pytest.mark.slow
SIGN_INS = ("admin", "manager", "planner", "supervisor", "operator", "viewer")


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The demo, loaded once for this module in a transaction that is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        cache.clear()
        services.load_demo()
        yield
        transaction.set_rollback(True)
    cache.clear()


@pytest.fixture
def put_back(demo) -> Iterator[None]:
    """What a test changes of the demo is rolled back after it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


# What is so in the demo beyond what must hold in any shop; each query returns what breaks it.
STORY = {
    "a step is past waiting exactly when its forerunners let it begin": """
        SELECT s.id FROM job_steps s JOIN jobs j ON j.id = s.job_id
        WHERE j.status IN ('active', 'on_hold', 'completed')
          AND s.status <> 'skipped'
          AND (s.status = 'pending') IS DISTINCT FROM EXISTS (
            SELECT FROM job_steps before
            WHERE before.job_id = s.job_id AND before.sequence < s.sequence
              AND before.status NOT IN ('completed', 'skipped', 'cancelled')
              AND NOT (s.starts_after = 'first_good' AND before.quantity_good > 0))""",
    "a machine does only what it can": """
        SELECT s.id FROM job_steps s
        WHERE s.machine_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM machine_processes p
            WHERE p.machine_id = s.machine_id AND p.process_id = s.process_id)""",
    "a job's status follows from its steps": """
        SELECT j.id FROM jobs j JOIN job_steps s ON s.job_id = j.id
        GROUP BY j.id
        HAVING (j.status = 'completed') <> bool_and(s.status IN ('completed', 'skipped'))
            OR (j.status = 'draft' AND NOT bool_and(s.status = 'pending'))
            OR (j.status = 'cancelled')
               <> bool_or(s.status = 'cancelled')
            OR (j.status <> 'active' AND bool_or(s.status = 'in_progress'))""",
    "a job's moments are in order, and it is completed by its last step": """
        SELECT j.id FROM jobs j
        WHERE j.created_at > j.released_at OR j.released_at > j.completed_at
           OR j.released_at > (SELECT min(s.started_at) FROM job_steps s WHERE s.job_id = j.id)
           OR j.completed_at
            < (SELECT max(s.completed_at) FROM job_steps s WHERE s.job_id = j.id)""",
    "whoever began a step has it": """
        SELECT id FROM job_steps WHERE started_at IS NOT NULL AND assigned_to_id IS NULL""",
    "a step waits until those before it are done": """
        SELECT s.id FROM job_steps s JOIN job_steps before
          ON before.job_id = s.job_id AND before.sequence < s.sequence
        WHERE s.starts_after = 'finished' AND s.started_at < before.completed_at""",
    "nobody works on a machine that is down": """
        SELECT l.id FROM work_logs l JOIN machine_downtimes d ON d.machine_id = l.machine_id
        WHERE l.kind <> 'correction'
          AND tstzrange(l.started_at, l.ended_at) && tstzrange(d.started_at, d.ended_at)""",
    "a machine never takes more steps than it can": """
        SELECT l.id FROM work_logs l JOIN machines m ON m.id = l.machine_id
        WHERE l.kind <> 'correction' AND m.capacity < (
            SELECT count(DISTINCT o.step_id) FROM work_logs o
            WHERE o.machine_id = l.machine_id AND o.kind <> 'correction'
              AND o.started_at <= l.started_at AND coalesce(o.ended_at, now()) > l.started_at)""",
    "every log is by someone whose role may work the process": """
        SELECT l.id FROM work_logs l JOIN job_steps s ON s.id = l.step_id
        JOIN users u ON u.id = l.user_id
        WHERE NOT EXISTS (SELECT FROM role_process_permissions p
            WHERE p.role_id = u.role_id AND p.process_id = s.process_id AND p.can_execute)""",
    "a customer was one before the first job": """
        SELECT j.id FROM jobs j JOIN customers c ON c.id = j.customer_id
        WHERE c.created_at > j.created_at""",
    "nothing happens in the future": """
        SELECT id FROM work_logs WHERE greatest(started_at, ended_at, updated_at) > now()
        UNION ALL SELECT id FROM jobs
            WHERE greatest(created_at, released_at, completed_at, updated_at) > now()
        UNION ALL SELECT id FROM job_steps
            WHERE greatest(created_at, started_at, completed_at, updated_at) > now()
        UNION ALL SELECT id FROM machine_downtimes WHERE greatest(started_at, ended_at) > now()
        UNION ALL SELECT id FROM help_calls WHERE greatest(raised_at, answered_at) > now()""",
    "no record changed before it was made": """
        SELECT id FROM work_logs WHERE updated_at < created_at
        UNION ALL SELECT id FROM jobs WHERE updated_at < created_at
        UNION ALL SELECT id FROM job_steps WHERE updated_at < created_at
        UNION ALL SELECT id FROM customers WHERE updated_at < created_at""",
}


def test_what_must_hold_in_any_shop_holds_in_the_demo(demo):
    assert_invariants()


@pytest.mark.parametrize("query", STORY.values(), ids=STORY)
def test_the_demos_story_is_one_that_could_happen(demo, query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        assert cursor.fetchall() == []


def test_the_database_accepts_every_reference(demo):
    connection.check_constraints()


def test_the_demo_is_as_large_as_it_says(demo):
    found = {
        model: model._base_manager.count() for model in (User, Customer, Part, Machine, Process)
    }
    assert found == {User: 25, Customer: 200, Part: 60, Machine: 30, Process: 15}
    assert Job.objects.count() == 800
    routings = Routing.objects.prefetch_related("steps")
    assert sorted(len(routing.steps.all()) for routing in routings)[::11] == [3, 8]
    assert len(routings) == 12


def test_every_state_of_jobs_and_steps_occurs(demo):
    assert set(Job.objects.values_list("status", flat=True)) == set(JobStatus.values)
    assert set(JobStep.objects.values_list("status", flat=True)) == set(StepStatus.values)
    assert set(WorkLog.objects.values_list("kind", flat=True)) == {"setup", "run", "correction"}


def test_there_is_something_late_urgent_due_down_and_called_for(demo):
    now = today()
    assert Job.objects.overdue(now).count() >= 5
    assert Job.objects.open().filter(due_date__range=(now, now + timedelta(days=7))).count() >= 10
    assert Job.objects.open().filter(priority=Priority.URGENT).count() >= 3
    assert MachineDowntime.objects.open().exclude(note="").count() == 3
    assert Machine.objects.filter(running_steps__gt=0).count() >= 3
    assert HelpCall.objects.open().count() == 3
    assert WorkLog.objects.filter(quantity_scrap__gt=0).count() >= 500
    assert WorkLog.objects.filter(quantity_rework__gt=0).count() >= 100


def test_between_a_twentieth_and_a_third_of_the_completed_jobs_were_late(demo):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT avg((completed_at::date > due_date)::int) FROM jobs"
            " WHERE status = 'completed' AND due_date IS NOT NULL"
        )
        assert 0.05 < cursor.fetchone()[0] < 0.34


def test_the_year_is_spread_out(demo):
    months = {
        created.strftime("%Y-%m") for created in Job.objects.values_list("created_at", flat=True)
    }
    assert len(months) >= 12


def test_the_operator_has_work_running_work_paused_and_work_waiting(demo):
    operator = User.objects.with_labels().get(username="operator")
    may = process_rights(operator.role_id).execute
    assert JobStep.objects.at_work(operator).count() == 1
    assert JobStep.objects.paused_for(operator).count() >= 1
    assert JobStep.objects.ready_for(operator).count() >= 3
    assert JobStep.objects.ready_for_anyone(may).count() >= 20
    assert len(may) == Process.objects.count() - 1


def test_the_operators_running_step_can_be_completed_and_the_paused_one_resumed(put_back):
    operator = User.objects.with_labels().get(username="operator")
    running, paused = (
        JobStep.objects.at_work(operator).get(),
        JobStep.objects.paused_for(operator)[0],
    )
    assert jobs.complete_step(running.pk, actor=operator).status == StepStatus.COMPLETED
    assert jobs.start_step(paused.pk, actor=operator).status == StepStatus.IN_PROGRESS


@pytest.mark.parametrize("username", SIGN_INS)
def test_the_six_sign_in_with_the_demos_password(demo, username):
    user = User.objects.active().get(username=username)
    assert user.check_password("andon")
    assert user.role.code == {"admin": "administrator"}.get(username, username)


def test_the_shop_is_marked_as_the_demo(demo):
    assert Shop.objects.get().is_demo


def test_the_story_is_the_same_in_another_process_with_other_hashes():
    code = (
        "import django; django.setup()\n"
        "import hashlib; from apps.demo.story import tell\n"
        "print(hashlib.sha256(repr(tell()).encode()).hexdigest())"
    )
    elsewhere = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONHASHSEED": "4711"},
        capture_output=True,
        check=True,
        text=True,
    )
    assert elsewhere.stdout.strip() == hashlib.sha256(repr(tell()).encode()).hexdigest()


def test_two_loads_give_the_same_shop_relative_to_their_moment(db):
    moments = [timezone.now() - timedelta(days=days, hours=days) for days in (0, 9)]
    first, second = (_fingerprint(now) for now in moments)
    assert first == second


def _fingerprint(now) -> list[tuple[object, ...]]:
    with transaction.atomic():
        services.load_demo(now=now)
        rows = list(
            JobStep.objects.order_by("pk").values_list(
                "job__customer__name",
                "job__title",
                "job__quantity",
                "job__status",
                "process__code",
                "machine__code",
                "assigned_to__username",
                "status",
                "quantity_good",
                "quantity_scrap",
            )
        )
        transaction.set_rollback(True)
    return rows


def test_a_shop_that_has_anything_is_refused_and_left_alone(db):
    customer = make_customer()
    with pytest.raises(NotEmpty, match="customers"):
        services.load_demo()
    assert list(Customer.objects.all()) == [customer]
    assert not Shop.objects.get().is_demo
    assert not User.objects.exists()


def test_the_command_says_so_and_succeeds_if_it_may_find_a_shop(db):
    make_customer()
    said = StringIO()
    call_command("load_demo", "--if-empty", stdout=said)
    assert "Demo: left alone. There are customers already" in said.getvalue()
    with pytest.raises(CommandError, match="empty shop only"):
        call_command("load_demo")


def test_where_the_settings_do_not_allow_it_the_demo_is_refused(db):
    with override_settings():
        del settings.ANDON_ALLOWS_DEMO
        with pytest.raises(DemoForbidden):
            services.load_demo()
        with pytest.raises(CommandError, match="production"):
            call_command("load_demo", "--if-empty")
    assert not Customer.objects.exists()
