"""What programs on the floor ask: what to do next, and what a code stands for."""

from datetime import timedelta
from urllib.parse import quote

import pytest

from apps.floor import selectors
from apps.floor.cards import Reader
from apps.jobs import services
from apps.jobs.models import JobStep
from apps.machines.services import start_downtime
from apps.machines.states import ReasonKind
from apps.paper.wording import ACTIONS
from apps.shop.selectors import today
from tests.factories import (
    make_job,
    make_machine,
    make_process,
    make_reason,
    make_step,
    make_user,
    permit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def operating(program):
    return program("operator")


@pytest.fixture
def process(operating):
    process = make_process()
    permit(operating.user, process)
    return process


def ready(process, **fields):
    return make_job(process, released=True, **fields).steps.get()


def keys(rows):
    return [row["id"] for row in rows]


def scan(program, code):
    return program.get(f"scan/{quote(code, safe='')}/")


def test_tasks_are_those_of_the_task_page_in_its_order(operating, process, manager):
    day = today()
    late, undated = ready(process, due_date=day - timedelta(days=1)), ready(process)
    urgent, mine = ready(process, priority=3), ready(process, due_date=day)
    begun, paused, joined = ready(process), ready(process), ready(process)
    services.assign_step(mine.pk, operating.user, actor=manager)
    for step in (begun, paused, joined):
        services.start_step(step.pk, actor=operating.user)
    helper = make_user("operator")
    services.start_step(joined.pk, actor=helper, join=True)
    services.pause_step(joined.pk, actor=operating.user)
    services.pause_step(paused.pk, actor=operating.user)

    told = operating.get("tasks/").json()

    assert keys(told["in_progress"]) == [begun.pk]
    assert keys(told["paused"]) == [paused.pk, joined.pk]
    assert keys(told["ready"]) == [urgent.pk, late.pk, mine.pk, undated.pk]
    assert told["has_more"] is False
    assert told["ready"][2] == operating.get(f"job-steps/{mine.pk}/").json()
    work = selectors.my_work(Reader(operating.user))
    lists = {"in_progress": work.running, "paused": work.waiting, "ready": work.upcoming}
    for name, tasks in lists.items():
        assert keys(told[name]) == [task.card.pk for task in tasks]


def test_what_is_of_others_or_not_for_the_role_is_no_task(operating, process, manager):
    make_step()
    others = ready(process)
    services.assign_step(others.pk, make_user("operator"), actor=manager)
    seen_only = make_process()
    permit(operating.user, seen_only, "can_view")
    ready(seen_only)

    told = operating.get("tasks/").json()

    lists = {name: [] for name in ("in_progress", "paused", "waiting", "ready")}
    assert told == {**lists, "has_more": False}


def test_what_cannot_start_yet_waits(operating, process, planner, manager):
    machine = make_machine(process)
    held, down = ready(process), ready(process)
    pending = make_job(process, process, released=True).steps.order_by("sequence").last()
    for step in (held, down, pending):
        services.assign_step(step.pk, operating.user, actor=manager)
    services.hold_job(held.job_id, actor=planner)
    JobStep.objects.filter(pk=down.pk).update(machine=machine)
    start_downtime(machine.pk, reason=make_reason(ReasonKind.DOWNTIME), actor=manager)

    told = operating.get("tasks/").json()

    assert set(keys(told["waiting"])) == {held.pk, down.pk, pending.pk}
    assert not {held.pk, down.pk, pending.pk} & set(keys(told["ready"]))


def test_no_more_is_told_than_the_page_shows_and_it_says_so(operating, process, monkeypatch):
    monkeypatch.setattr(selectors, "NEXT_AT_MOST", 2)
    steps = [ready(process) for _ in range(3)]

    told = operating.get("tasks/").json()

    assert (keys(told["ready"]), told["has_more"]) == (keys_of(steps[:2]), True)


def keys_of(steps):
    return [step.pk for step in steps]


def test_tasks_cost_the_same_for_few_and_many(operating, process, assert_flat):
    def grow(rows):
        for n in range(rows):
            step = ready(process)
            if n % 3 == 0:
                services.start_step(step.pk, actor=operating.user)
            if n % 6 == 0:
                services.pause_step(step.pk, actor=operating.user)

    # The user, the open logs, the steps.
    assert assert_flat(grow=grow, work=lambda: operating.get("tasks/")) == 2


def test_the_signed_out_have_no_tasks_and_scan_nothing(client):
    for path in ("tasks/", "scan/A-start/"):
        assert client.get(f"/api/v1/{path}").status_code == 401


@pytest.mark.parametrize("path", ["tasks/", "scan/A-start/"])
def test_unknown_parameters_are_refused_by_name(operating, path):
    answer = operating.get(f"{path}?colour=red")

    assert answer.status_code == 400
    assert [each["parameter"] for each in answer.json()["errors"]] == ["colour"]


def test_a_jobs_code_stands_for_the_job_however_it_is_typed(planning):
    job = make_job(make_process(), released=True)
    record = planning.get(f"jobs/{job.pk}/").json()

    short = f"job-{int(job.number.removeprefix('JOB-'))}"
    for code in (job.number, job.number.lower(), f"  {job.number}\r\n", short):
        told = scan(planning, code).json()
        assert told == {"kind": "job", "address": f"/api/v1/jobs/{job.pk}/", "job": record}


def test_a_steps_code_stands_for_the_step(planning):
    step = make_step()

    told = scan(planning, f"s-{step.pk}").json()

    assert (told["kind"], told["address"]) == ("step", f"/api/v1/job-steps/{step.pk}/")
    assert told["step"] == planning.get(told["address"]).json()


def test_a_machines_code_is_found_in_any_case_and_to_the_letter_where_two_differ(operating):
    machine = make_machine(make_process(), code="Laser/1", hourly_rate=90)
    upper, lower = make_machine(code="MILL"), make_machine(code="mill")

    told = scan(operating, "M-LASER/1").json()

    assert (told["kind"], told["machine"]["id"]) == ("machine", machine.pk)
    assert told["machine"] == operating.get(f"machines/{machine.pk}/").json()
    assert "hourly_rate" not in told["machine"]
    assert scan(operating, "M-MILL").json()["machine"]["id"] == upper.pk
    assert scan(operating, "m-mill").json()["machine"]["id"] == lower.pk
    assert scan(operating, "M-Mill").status_code == 404


def test_a_badge_is_told_to_whom_it_belongs_and_to_who_may_see_users(program, operating):
    operating.user.badge_code = "Bx7"
    operating.user.save()
    other = program("operator")

    for caller in (operating, program("supervisor")):
        told = scan(caller, "u-Bx7").json()
        assert (told["kind"], told["user"]["id"]) == ("user", operating.user.pk)
    assert scan(other, "U-Bx7").status_code == 404
    assert scan(other, "U-Bx7").content.count(b"Bx7") == 1  # Only the address that was asked.
    assert scan(operating, "U-bx7").status_code == 404  # A badge is read, not typed.


def test_an_action_is_one_that_steps_have(operating):
    told = scan(operating, "a-Start").json()

    assert told["kind"] == "action"
    assert told["address"] == "/api/v1/job-steps/{id}/start/"
    assert told["action"]["name"] == "start"
    assert told["action"]["words"].startswith("Start a ready step")
    names = {"report", "pause", "resume", "complete", "skip", "assign", "correct", "reopen", "undo"}
    for name in names | {*ACTIONS}:  # Whatever is printed on the sheet.
        assert scan(operating, f"A-{name}").json()["action"]["name"] == name
    assert scan(operating, "A-FINISH").json() == scan(operating, "A-complete").json()
    assert scan(operating, "A-bulk").status_code == 404


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("setup", "job-steps/{id}/setup/"),
        ("run", "job-steps/{id}/run/"),
        ("help", "help-calls/"),
        ("down", "machine-downtimes/"),
        ("end", "tasks/end/"),
    ],
)
def test_what_the_page_does_by_a_code_is_done_where_the_api_says(operating, name, address):
    assert scan(operating, f"A-{name}").json()["address"] == f"/api/v1/{address}"


def test_work_goes_on_as_setting_up_and_as_the_run(operating, process):
    step = ready(process)
    services.start_step(step.pk, actor=operating.user)

    for kind in ("setup", "run", "run"):
        assert operating.post(f"job-steps/{step.pk}/{kind}/").status_code == 200
        assert step.logs.open().get().kind == kind

    assert step.logs.count() == 3


def test_the_end_of_a_shift_pauses_all_of_one_s_own(operating, process):
    mine, shared = ready(process), ready(process)
    for step in (mine, shared):
        services.start_step(step.pk, actor=operating.user)
    services.start_step(shared.pk, actor=make_user("operator"), join=True)

    told = operating.post("tasks/end/").json()["steps"]

    assert [(step["id"], step["status"]) for step in told] == [
        (mine.pk, "paused"),
        (shared.pk, "in_progress"),
    ]
    assert operating.post("tasks/end/").json() == {"steps": []}


def test_what_one_may_not_see_has_no_code(operating, planning, process):
    hidden, seen = make_step(), ready(process)

    for code in (f"S-{hidden.pk}", hidden.job.number):
        assert scan(operating, code).status_code == 404
        assert scan(planning, code).status_code == 200
    assert scan(operating, f"S-{seen.pk}").status_code == 200
    assert scan(operating, seen.job.number).status_code == 200


HOSTILE = [
    " ",
    "-",
    "S-",
    "S-0",
    "S--1",
    "S-1e3",
    "S-٣",
    "S-²",
    f"S-{2**63}",
    "S-" + "9" * 5_000,
    "JOB-",
    "JOB-²",
    "JOB-abc",
    "JOB-%",
    "M-%",
    "M-_",
    "M-'; DROP TABLE jobs --",
    "U-",
    "U-None",
    "A-",
    "A-__class__",
    "A-list",
    "A-destroy",
    "X-1",
    "ſ-1",
    "../../health",
    "S-1/start",
    "\n",
    "é\u202e\U0001f600-1",
    "JOB-1\nJOB-2",
]


@pytest.mark.parametrize("code", HOSTILE, ids=lambda code: ascii(code)[:20])
def test_a_code_that_stands_for_nothing_is_said_to(planning, code):
    make_machine(code="A")
    answer = scan(planning, code)

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "unknown_code"
    assert "JOB-000123" in answer.json()["detail"]


def test_a_scan_costs_one_query(planning, django_assert_num_queries):
    step = make_step()
    scan(planning, f"S-{step.pk}")

    for code in (f"S-{step.pk}", step.job.number):
        with django_assert_num_queries(1):
            scan(planning, code)
