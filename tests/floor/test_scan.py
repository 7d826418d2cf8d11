"""What a code stands for, and the one thing that is offered."""

import pytest
from django.urls import reverse

from apps.floor.standing import COOKIE
from apps.jobs import services
from apps.jobs.models import JobStep, WorkLog
from apps.machines.services import start_downtime
from apps.machines.states import ReasonKind
from tests.accounts.devices import Device, make_worker, set_up
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
JSON = {"Accept": "application/json"}


@pytest.fixture
def process(operator):
    process = make_process(name="Milling")
    permit(operator, process)
    return process


@pytest.fixture
def client(client, operator):
    client.force_login(operator)
    return client


def ready(process, **fields) -> JobStep:
    return make_job(process, released=True, **fields).steps.get()


def scan(client, code):
    return client.post(reverse("task-scan"), {"code": code}, headers=JSON)


def press(client, offer):
    return client.post(offer["address"], offer["fields"], headers=JSON)


def test_from_scan_to_started_is_one_tap(client, process, operator):
    step = ready(process)

    told = scan(client, f"S-{step.pk}").json()
    started = press(client, told["action"])

    assert told == {
        "kind": "step",
        "says": f"{step.job} · Milling · 10 pieces",
        "action": {
            "address": f"/tasks/{step.pk}/start/",
            "word": "Start",
            "fields": {"kind": "run", "by": str(operator.pk)},
        },
        "why": "",
        "page": f"/tasks/{step.pk}/",
    }
    assert started.json()["done"] == f"Started: {step.job} · Milling"
    assert WorkLog.objects.get().user == operator


def test_each_state_of_a_step_offers_what_comes_next(client, process, operator):
    step = ready(process)

    def offered():
        return scan(client, f"S-{step.pk}").json()["action"]

    press(client, offered() | {"fields": {"kind": "setup"}})
    assert offered()["word"] == "Start the run"
    press(client, offered())
    assert offered()["word"] == "Finish with 10 good"
    services.pause_step(step.pk, services.Report(good=4), actor=operator)
    assert offered()["word"] == "Resume"
    press(client, offered())
    press(client, offered())

    step.refresh_from_db()
    assert (step.status, step.quantity_good) == ("completed", 10)
    assert "is completed" in scan(client, f"S-{step.pk}").json()["why"]


def test_what_others_began_or_have_says_who_and_offers_to_join_or_take_over(
    client, process, manager
):
    begun, theirs = ready(process), ready(process)
    ayse = make_user("operator", full_name="Ayşe Kaya")
    services.start_step(begun.pk, actor=ayse)
    services.assign_step(theirs.pk, ayse, actor=manager)

    join, take = (scan(client, f"S-{step.pk}").json()["action"] for step in (begun, theirs))

    assert (join["word"], take["word"]) == ("Join", "Take over from Ayşe Kaya")
    assert [press(client, each).status_code for each in (join, take)] == [200, 200]


def test_what_cannot_be_started_says_why_and_offers_nothing(client, process, operator, planner):
    waiting = make_job(process, process, released=True).steps.get(sequence=20)
    held = ready(process)
    services.hold_job(held.job_id, actor=planner)
    seen_only = make_process(name="Painting")
    permit(operator, seen_only, "can_view")
    not_mine = ready(seen_only)
    machine = make_machine(process, name="Mill 7")
    down = ready(process)
    JobStep.objects.filter(pk=down.pk).update(machine=machine)
    start_downtime(machine.pk, reason=make_reason(ReasonKind.DOWNTIME), actor=operator)

    told = [scan(client, f"S-{step.pk}").json() for step in (waiting, held, not_mine, down)]

    assert [each["action"] for each in told] == [None] * 4
    assert [each["why"] for each in told] == [
        "Waits for Milling, which is ready.",
        f"{held.job} is on hold.",
        "The role Operator does not work on Painting.",
        f"{machine} is down.",
    ]


def test_a_job_means_its_next_step_that_i_may_work_on(client, process, operator):
    others = make_process()
    job = make_job(others, process, process, released=True)
    first, second, third = job.steps.order_by("sequence")

    assert scan(client, job.number).json()["page"] == f"/tasks/{second.pk}/"
    services.skip_step(first.pk, actor=make_user("manager"))
    told = scan(client, job.number).json()
    press(client, told["action"])

    assert (told["kind"], told["action"]["address"]) == ("job", f"/tasks/{second.pk}/start/")
    assert scan(client, job.number).json()["action"]["word"] == "Finish with 10 good"
    services.complete_step(second.pk, services.Report(good=10), actor=operator)
    assert scan(client, job.number).json()["page"] == f"/tasks/{third.pk}/"


def test_a_machine_is_where_one_works_from_then_on(client, process):
    machine = make_machine(process, code="MIL-7", name="Mill")

    told = scan(client, "M-mil-7").json()
    answer = press(client, told["action"])

    assert (told["says"], told["action"]["word"]) == ("MIL-7 Mill", "Work here")
    assert answer.json()["done"] == "You stand at MIL-7 Mill."
    assert answer.cookies[COOKIE].value == str(machine.pk)


def test_a_step_that_needs_a_machine_starts_on_the_one_stood_at(client, operator):
    process = make_process(needs_machine=True)
    permit(operator, process)
    here, _there = make_machine(process), make_machine(process)
    step = ready(process)
    assert scan(client, f"S-{step.pk}").json()["why"] == "Choose a machine first."

    client.cookies[COOKIE] = str(here.pk)
    press(client, scan(client, f"S-{step.pk}").json()["action"])

    step.refresh_from_db()
    assert step.machine == here


def test_a_badge_leads_to_the_terminal_and_tells_nobody_whose_it_is(client):
    known = make_user("operator", badge_code="B77")

    told = [scan(client, f"U-{badge}").json() for badge in (known.badge_code, "B78")]

    assert [each["kind"] for each in told] == ["user", "user"]
    assert told[0]["page"] == reverse("terminal")
    assert known.full_name not in str(told[0])
    assert told[0] == told[1]


def test_a_badge_scanned_on_ones_page_waits_at_the_terminal_once_and_in_no_address():
    tablet, label = Device(set_up()), f"U-{make_worker().badge_code}"
    tablet.show(make_worker())
    field = f'value="{label.removeprefix("U-")}"'

    told = scan(tablet, label).json()
    first, again = (tablet.get(told["page"]).content.decode() for _ in range(2))

    assert field in first
    assert field not in again
    assert tablet.get(reverse("task-scan"), {"code": label}).url == reverse("tasks")


def test_a_badge_is_kept_on_no_device_but_a_terminal(client):
    scan(client, "U-B77")

    assert "B77" not in str(dict(client.session))


@pytest.mark.parametrize(
    ("code", "address", "word"),
    [
        ("A-finish", "finish/", "Finish with 10 good"),
        ("a-COMPLETE", "finish/", "Finish with 10 good"),
        ("A-pause", "pause/", "Pause"),
        ("A-help", "help/", "Call for help"),
        ("A-setup", "kind/", "Set up"),
        ("A-run", "kind/", "Start the run"),
    ],
)
def test_an_action_means_my_one_running_step(client, process, operator, code, address, word):
    step = ready(process)
    services.start_step(step.pk, actor=operator)

    offer = scan(client, code).json()["action"]

    assert (offer["address"], offer["word"]) == (f"/tasks/{step.pk}/{address}", word)
    assert press(client, offer).status_code == 200


def test_an_action_that_needs_more_leads_to_its_page(client, process, operator):
    step = ready(process)
    services.start_step(step.pk, actor=operator)

    report, down = (scan(client, code).json() for code in ("A-report", "A-down"))

    assert (report["action"], report["page"]) == (None, f"/tasks/{step.pk}/report/")
    assert down["why"] == "This step is done by hand, without a machine."


def test_an_action_without_one_step_to_mean_says_so(client, process, operator):
    assert scan(client, "A-finish").json()["why"] == "You work on nothing just now."
    for _ in range(2):
        services.start_step(ready(process).pk, actor=operator)

    told = scan(client, "A-finish").json()

    assert told["why"] == "You work on several steps: scan the one that you mean."
    assert told["page"] == "/tasks/"


def test_start_resume_and_the_end_of_a_shift_are_actions_too(client, process):
    step = ready(process)

    for code, status in (
        ("A-start", "in_progress"),
        ("A-pause", "paused"),
        ("A-resume", "in_progress"),
        ("A-end", "paused"),
    ):
        assert press(client, scan(client, code).json()["action"]).status_code == 200
        step.refresh_from_db()
        assert step.status == status

    assert scan(client, "A-start").json()["why"] == "Nothing is ready for you."


@pytest.mark.parametrize("code", ["{0}", "job-{0}", "JOBß{0}", "job'{0}", " JOB-{0} "])
def test_a_job_is_known_however_it_is_typed_or_the_scanner_is_set(client, process, code):
    job = make_job(process, released=True)

    told = scan(client, code.format(job.number.removeprefix("JOB-"))).json()

    assert told["says"].startswith(job.number)


@pytest.mark.parametrize(
    "code", ["", " ", "S-", "S-x", "S-²", "S-" + "9" * 40, "M-none", "A-fly", "X-1", "é", "9" * 200]
)
def test_a_code_that_stands_for_nothing_is_told_in_words(client, code):
    told = scan(client, code)
    plain = client.post(reverse("task-scan"), {"code": code})

    assert (told.status_code, told.json()["code"]) == (404, "unknown_code")
    assert "stands for nothing here." in client.get(plain.url).content.decode()


def test_what_one_may_not_see_stands_for_nothing(client):
    step = make_step()

    told = [scan(client, code) for code in (f"S-{step.pk}", step.job.number)]

    assert [each.status_code for each in told] == [404, 404]


def test_a_code_typed_into_the_page_opens_what_it_stands_for(client, process):
    step, machine = ready(process), make_machine(process)

    opened = [
        client.post(reverse("task-scan"), {"code": code}).url
        for code in (step.job.number, f"M-{machine.code}")
    ]

    assert opened == [f"/tasks/{step.pk}/", f"/tasks/machine/?machine={machine.pk}"]
