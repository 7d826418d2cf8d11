"""What machines do, as the board's lamps say it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from apps.dashboards import lamps
from apps.dashboards.lamps import Running, read_lamps
from apps.jobs import services
from apps.jobs.models import WorkLog
from apps.jobs.states import LogKind
from apps.machines.services import end_downtime, start_downtime
from apps.machines.states import ReasonKind
from tests.factories import (
    make_job,
    make_machine,
    make_process,
    make_reason,
    make_user,
    permit,
)

pytestmark = pytest.mark.django_db


def test_a_running_machine_says_what_runs_since_when_and_who_is_at_it(manager):
    process = make_process(name="Milling", needs_machine=True)
    machine = make_machine(process, code="M7", name="Mill 7")
    step = make_job(process, released=True).steps.get()
    ayse, ben = (make_user("operator", full_name=name) for name in ("Ayşe Kaya", "Ben"))
    permit(ayse, process)
    services.start_step(step.pk, actor=ayse, machine_id=machine.pk)
    services.start_step(step.pk, actor=ben, join=True)
    services.report_step(step.pk, services.Report(good=4), actor=ayse)
    began = timezone.now() - timedelta(minutes=9)
    WorkLog.objects.filter(user=ben).update(started_at=began)

    ((lamp,), _) = read_lamps()

    assert str(lamp) == "M7 Mill 7"
    assert (lamp.id, lamp.status, lamp.since, lamp.reason) == (machine.pk, "running", began, "")
    assert lamp.running == (
        Running(
            step_id=step.pk,
            job_id=step.job_id,
            job=step.job.number,
            process="Milling",
            good=4,
            planned=10,
            since=began,
            workers=("Ayşe Kaya", "Ben"),
        ),
    )
    assert lamp.running[0].percent == 40


def test_a_machine_that_is_down_says_since_when_and_why(operator):
    machine = make_machine()
    old, tool = (make_reason(ReasonKind.DOWNTIME, name=name) for name in ("Old", "Tool change"))
    hours_ago, lately = (timezone.now() - timedelta(minutes=n) for n in (200, 22))
    before = start_downtime(machine.pk, reason=old, actor=operator, at=hours_ago)
    end_downtime(before.pk, actor=operator, at=lately)
    start_downtime(machine.pk, reason=tool, actor=operator, at=lately, note="Broke off")

    ((lamp,), _) = read_lamps()

    assert (lamp.status, lamp.since) == ("down", lately)
    assert (lamp.reason, lamp.note) == ("Tool change", "Broke off")


def test_a_machine_that_is_being_set_up_says_so_until_it_runs(manager):
    process = make_process(needs_machine=True)
    machine = make_machine(process)
    step = make_job(process, released=True).steps.get()
    services.start_step(step.pk, actor=manager, machine_id=machine.pk, kind=LogKind.SETUP)

    ((lamp,), _) = read_lamps()
    assert (lamp.status, lamp.shown) == ("running", "setup")

    services.change_work(step.pk, LogKind.RUN, actor=manager)
    ((lamp,), _) = read_lamps()
    assert (lamp.status, lamp.shown) == ("running", "running")


@pytest.mark.parametrize("is_at_the_step", [True, False])
def test_a_machine_that_help_is_called_to_says_so_until_somebody_answers(manager, is_at_the_step):
    process = make_process(needs_machine=True)
    machine, other = make_machine(process, code="A"), make_machine(code="B")
    step = make_job(process, released=True).steps.get()
    services.start_step(step.pk, actor=manager, machine_id=machine.pk)
    place = {"step_id": step.pk} if is_at_the_step else {"machine_id": machine.pk}
    call = services.raise_help(actor=manager, **place)

    shown = {lamp.id: lamp.shown for lamp in read_lamps()[0]}
    assert shown == {machine.pk: "help", other.pk: "idle"}

    services.answer_help(call.pk, actor=manager)
    assert {lamp.shown for lamp in read_lamps()[0]} == {"running", "idle"}


def test_a_machine_that_is_down_is_down_whoever_calls(manager):
    machine = make_machine()
    start_downtime(machine.pk, reason=make_reason(ReasonKind.DOWNTIME), actor=manager)
    services.raise_help(actor=manager, machine_id=machine.pk)

    ((lamp,), _) = read_lamps()

    assert (lamp.has_call, lamp.shown) == (True, "down")


def test_an_idle_machine_says_that_and_no_more():
    make_machine()
    make_machine(is_active=False)

    ((lamp,), has_more) = read_lamps()

    assert (lamp.status, lamp.since, lamp.reason, lamp.running) == ("idle", None, "", ())
    assert not has_more


def test_those_down_come_first_then_those_that_run(operator, manager, monkeypatch):
    process = make_process(needs_machine=True)
    for code in ("A", "B"):
        make_machine(code=code)
    running, down = make_machine(process, code="C"), make_machine(code="D")
    services.start_step(
        make_job(process, released=True).steps.get().pk, actor=manager, machine_id=running.pk
    )
    start_downtime(down.pk, reason=make_reason(ReasonKind.DOWNTIME), actor=operator)

    assert [lamp.code for lamp in read_lamps()[0]] == ["D", "C", "A", "B"]

    monkeypatch.setattr(lamps, "MACHINES_AT_MOST", 3)
    some, has_more = read_lamps()
    assert [lamp.code for lamp in some] == ["D", "C", "A"]
    assert has_more


def test_more_than_planned_is_all_of_it():
    running = Running(1, 1, "JOB-1", "Milling", 12, 10, timezone.now(), ())

    assert running.percent == 100


def test_work_going_on_is_read_from_the_index_of_open_logs():
    with connection.cursor() as cursor:  # A small table would be scanned and sorted instead.
        for shortcut in ("seqscan", "bitmapscan", "sort"):
            cursor.execute(f"SET LOCAL enable_{shortcut} = off")

    plan = WorkLog.objects.open().order_by("step_id", "user_id")[:10].explain()

    assert "Scan using work_logs_open_uniq " in plan
    assert "Sort" not in plan
