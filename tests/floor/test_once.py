"""An action is done once, whatever the network does, and told to pages and scripts alike."""

from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.urls import reverse

from apps.background.errors import KeyInUse
from apps.jobs import services
from apps.jobs.models import JobStep, WorkLog
from apps.jobs.states import StepStatus
from tests.factories import make_job, make_process, make_step, make_user, permit

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


def send(client, what, step, key="", **fields):
    headers = JSON | ({"Idempotency-Key": key} if key else {})
    return client.post(reverse(f"task-{what}", args=[step.pk]), fields, headers=headers)


def moment(step) -> str:
    step.refresh_from_db()
    return urlencode({"at": step.undo["at"]})


def test_a_script_is_told_what_was_done_how_to_undo_it_and_where_to_go(client, process):
    step = ready(process)

    answer = send(client, "start", step)

    assert (answer.status_code, answer.json()) == (
        200,
        {
            "done": f"Started: {step.job} · Milling",
            "undo": f"/tasks/{step.pk}/undo/?{moment(step)}",
            "page": "/tasks/",
        },
    )


def test_what_is_sent_twice_is_done_once_and_told_the_same(client, process):
    step, key = ready(process), str(uuid4())
    send(client, "start", step)

    first = send(client, "report", step, key, quantity_good="3")
    again = send(client, "report", step, key, quantity_good="3")

    step.refresh_from_db()
    assert (first.json(), first.status_code) == (again.json(), again.status_code)
    assert first.json()["done"] == f"Reported: 3 good · {step.job} · Milling"
    assert step.quantity_good == 3


def test_the_key_of_a_plain_form_does_the_same(client, process):
    step, form = ready(process), {"kind": "run", "key": str(uuid4())}
    url = reverse("task-start", args=[step.pk])

    for _ in range(2):
        assert client.post(url, form).url == reverse("tasks")

    page = client.get(reverse("tasks")).content.decode()
    assert WorkLog.objects.count() == 1
    assert page.count(f"Started: {step.job}") == 2  # Both times it is said that it is done.


def test_every_action_form_of_a_page_has_a_key_of_its_own(client, process):
    ready(process), ready(process)

    page = client.get(reverse("tasks")).content.decode()

    keys = [part.split('"')[0] for part in page.split('name="key" value="')[1:]]
    assert len(keys) == len(set(keys)) == 2
    assert page.count("data-send>") == 2


def test_a_key_that_comes_with_something_else_is_refused(client, process):
    step, key = ready(process), str(uuid4())
    send(client, "start", step)
    send(client, "report", step, key, quantity_good="3")

    told = send(client, "report", step, key, quantity_good="4")
    plain = client.post(reverse("task-report", args=[step.pk]), {"quantity_good": "4", "key": key})

    assert (told.status_code, told.json()["code"]) == (422, "idempotency_key_reused")
    assert "This page was sent already." in client.get(plain.url).content.decode()
    step.refresh_from_db()
    assert step.quantity_good == 3


def test_while_its_twin_is_at_work_one_is_asked_to_come_again(client, process, monkeypatch):
    def busy(**_):
        raise KeyInUse("at work")

    monkeypatch.setattr("apps.floor.once.once", busy)

    answer = send(client, "start", ready(process), str(uuid4()))

    assert (answer.status_code, answer["Retry-After"]) == (503, "2")


def test_after_a_refusal_the_key_is_free_for_what_was_repaired(client, process):
    step, key = ready(process), str(uuid4())
    send(client, "start", step)

    refused = send(client, "report", step, key, quantity_good="")
    repaired = send(client, "report", step, key, quantity_good="2")

    assert (refused.status_code, repaired.status_code) == (400, 200)


@pytest.mark.parametrize(
    ("what", "fields", "status", "told"),
    [
        (
            "report",
            {"quantity_good": "x"},
            400,
            {
                "refused": "Write a whole number of pieces, such as 12.",
                "code": "unreadable",
                "field": "quantity_good",
                "way_on": None,
            },
        ),
        (
            "finish",
            {"quantity_good": "8", "rest": "10"},
            409,
            {
                "refused": "2 pieces of the 10 that remain are missing.",
                "code": "does_not_add_up",
                "field": "quantity_good",
                "way_on": {"name": "anyway", "value": "1", "word": "Finish anyway"},
            },
        ),
        (
            "report",
            {"quantity_good": "11"},
            409,
            {
                "code": "over_quantity",
                "field": None,
                "way_on": {"name": "anyway", "value": "1", "word": "Report anyway"},
            },
        ),
    ],
)
def test_a_script_is_told_a_refusal_its_field_the_way_on_and_the_page(
    client, process, what, fields, status, told
):
    step = ready(process)
    send(client, "start", step)

    answer = send(client, what, step, **fields)

    said = answer.json()
    assert answer.status_code == status
    assert {name: said[name] for name in told} == told
    assert said["page"] == f"/tasks/{step.pk}/{what}/"


def test_who_finds_a_step_begun_reads_at_once_by_whom_and_may_join(client, process):
    step = ready(process)
    services.start_step(step.pk, actor=make_user("operator", full_name="Ayşe Kaya"))

    told = send(client, "start", step).json()

    assert told["refused"].startswith("Ayşe Kaya works on")
    assert told["way_on"] == {"name": "join", "value": "1", "word": "Join"}
    assert told["page"] == f"/tasks/{step.pk}/"


def test_who_works_on_it_already_is_offered_nothing_more(client, process):
    step = ready(process)
    send(client, "start", step)

    told = send(client, "start", step, join="1").json()

    assert (told["code"], told["way_on"]) == ("already_started", None)


def test_a_script_learns_nothing_of_a_step_one_may_not_see(client):
    hidden, missing = make_step(), 10**30

    answers = [
        send(client, "start", hidden),
        client.post(f"/tasks/{missing}/start/", headers=JSON),
    ]

    assert [each.status_code for each in answers] == [404, 404]
    assert {each.json()["refused"] for each in answers} == {"It is not there."}


def test_the_signed_out_are_told_so(client, process):
    step = ready(process)
    client.logout()

    told = send(client, "start", step)
    plain = client.post(reverse("task-start", args=[step.pk]))

    assert told.status_code == 401
    assert told.json() == {"signed_out": True, "page": "/login/?next=/tasks/"}
    assert plain.url == "/login/?next=/tasks/"
    assert client.post(reverse("task-scan"), headers=JSON).status_code == 401


def test_what_another_did_on_this_device_is_not_done_in_my_name(client, process, operator):
    step, other = ready(process), make_user("operator")

    told = send(client, "start", step, by=str(other.pk))
    plain = client.post(reverse("task-start", args=[step.pk]), {"by": str(other.pk)})
    mine = send(client, "start", step, by=str(operator.pk))

    assert told.json()["signed_out"]
    assert "Someone else did this" in client.get(plain.url).content.decode()
    assert mine.status_code == 200
    assert WorkLog.objects.get().user == operator


def test_a_start_that_is_undone_on_a_plain_page_is_undone_by_the_button_shown(client, process):
    step = ready(process)
    started = client.post(reverse("task-start", args=[step.pk]))

    page = client.get(started.url).content.decode()
    assert f'action="/tasks/{step.pk}/undo/?{moment(step)}" data-send' in page
    client.post(f"{reverse('task-undo', args=[step.pk])}?{moment(step)}")

    step.refresh_from_db()
    assert step.status == StepStatus.READY
    assert f"Undone: {step.job}" in client.get(reverse("tasks")).content.decode()
