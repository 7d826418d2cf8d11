"""Every rule of the floor, as an operator meets it: refused in words, with the way on."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.jobs import services
from apps.jobs.models import JobStep, WorkLog
from apps.jobs.states import LogKind, StepStatus
from apps.machines.services import start_downtime
from apps.machines.states import ReasonKind
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
DEEDS = ("report", "pause", "finish")


@pytest.fixture
def process(operator):
    process = make_process(name="Cutting")
    permit(operator, process)
    return process


@pytest.fixture
def machining(operator):
    process = make_process(name="Milling", needs_machine=True)
    permit(operator, process)
    return process


@pytest.fixture
def client(client, operator):
    client.force_login(operator)
    return client


def ready(process, **fields) -> JobStep:
    return make_job(process, released=True, **fields).steps.get()


def send(client, what: str, step, **fields):
    return client.post(reverse(f"task-{what}", args=[step.pk]), fields)


def text(response) -> str:
    """What stands in the page itself, without what its script brings along."""
    page = response.content.decode()
    return " ".join(page.split("<main")[1].split("</main>")[0].split())


def test_a_ready_step_starts_is_assigned_to_who_starts_it_and_offers_to_undo(
    client, process, operator
):
    step = ready(process)

    response = send(client, "start", step)

    step.refresh_from_db()
    assert (step.status, step.assigned_to) == (StepStatus.IN_PROGRESS, operator)
    page = client.get(response.url)
    assert "Undo" in text(page)
    assert "Running now" in text(page)


def test_setting_up_is_logged_as_setup(client, process):
    step = ready(process)

    send(client, "start", step, kind="setup")

    assert WorkLog.objects.get(step=step).kind == LogKind.SETUP
    assert "Setting up" in text(client.get(reverse("tasks")))


def test_a_pending_step_does_not_start(client, process):
    job = make_job(process, process, released=True)
    pending = job.steps.get(sequence=20)

    response = send(client, "start", pending)

    assert response.status_code == 409
    assert "is pending; it cannot be started. It waits for the steps before it." in text(response)


def test_nothing_of_a_held_job_starts(client, process, planner):
    step = ready(process)
    services.hold_job(step.job_id, actor=planner)

    response = send(client, "start", step)

    assert response.status_code == 409
    assert f"{step.job} is on hold" in text(response)


@pytest.mark.parametrize("deed", DEEDS)
def test_nothing_is_reported_to_a_step_not_begun(client, process, deed):
    step = ready(process)

    response = send(client, deed, step, quantity_good="4")

    assert response.status_code == 409
    assert "is ready; nothing can be reported to it." in text(response)
    assert 'value="4"' in text(response)


@pytest.mark.parametrize("deed", ["start", *DEEDS])
def test_a_role_without_the_right_is_refused_with_process_and_role(client, planner, deed):
    step = make_step()
    client.force_login(planner)

    response = send(client, deed, step, quantity_good="1")

    assert response.status_code == 403
    assert f"The role Planner may not work on {step.process} steps." in text(response)


def test_joining_needs_the_right_too(client, process, operator, planner):
    step = ready(process)
    services.start_step(step.pk, actor=operator)
    client.force_login(planner)

    assert send(client, "start", step, join="1").status_code == 403


def test_a_step_assigned_to_someone_else_says_to_whom_and_can_be_taken_over(
    client, process, operator, manager
):
    step = ready(process)
    ayse = make_user("operator", full_name="Ayşe Kaya")
    services.assign_step(step.pk, ayse, actor=manager)

    refused = send(client, "start", step, kind="setup")

    assert refused.status_code == 409
    assert "is assigned to Ayşe Kaya." in text(refused)
    assert 'name="take_over" value="1">Take over<' in text(refused)
    assert 'name="kind" value="setup"' in text(refused)  # What was chosen is kept.

    send(client, "start", step, kind="setup", take_over="1")

    log = WorkLog.objects.get(step=step)
    assert (log.user, log.kind, log.note) == (
        operator,
        LogKind.SETUP,
        "Taken over from Ayşe Kaya.",
    )


def test_the_second_to_press_start_is_told_who_was_first_and_can_join(client, process, operator):
    step = ready(process)
    ayse = make_user("operator", full_name="Ayşe Kaya")
    services.start_step(step.pk, actor=ayse)

    refused = send(client, "start", step)

    assert refused.status_code == 409
    assert "Ayşe Kaya works on" in text(refused)
    assert 'name="join" value="1">Join<' in text(refused)

    send(client, "start", step, join="1")

    assert set(WorkLog.objects.open().values_list("user", flat=True)) == {ayse.pk, operator.pk}


def test_pressing_start_twice_starts_once(client, process):
    step = ready(process)
    send(client, "start", step)

    again = send(client, "start", step, join="1")

    assert again.status_code == 409
    assert "Join" not in text(again)
    assert WorkLog.objects.count() == 1


def down(machine, operator):
    start_downtime(machine.pk, reason=make_reason(ReasonKind.DOWNTIME), actor=operator)


def unused(machine, operator):
    machine.is_active = False
    machine.save(update_fields=["is_active"])


def unable(machine, operator):
    machine.processes.clear()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [(down, "is down"), (unused, "is no longer in use"), (unable, "cannot do Milling")],
)
@pytest.mark.parametrize("chosen", [True, False], ids=["chosen", "planned"])
def test_a_machine_that_cannot_be_had_is_named_with_the_reason(
    client, machining, operator, spoil, said, chosen
):
    machine = make_machine(machining, name="Mill 7")
    step = ready(machining)
    if not chosen:
        JobStep.objects.filter(pk=step.pk).update(machine=machine)
    spoil(machine, operator)

    response = send(client, "start", step, **({"machine": machine.pk} if chosen else {}))

    assert response.status_code == 409
    assert f"Mill 7 {said}." in text(response)


def test_a_full_machine_says_which_step_holds_it_and_another_can_be_chosen(
    client, machining, operator
):
    full, free = make_machine(machining, name="Full", capacity=1), make_machine(machining)
    holding, step = ready(machining), ready(machining)
    send(client, "start", holding, machine=full.pk)

    refused = send(client, "start", step, machine=full.pk)

    assert refused.status_code == 409
    assert f"Full is full: it runs Step 10 Milling of {holding.job}." in text(refused)
    assert "Full · full" in text(refused)

    send(client, "start", step, machine=free.pk)

    step.refresh_from_db()
    assert step.machine == free


def test_a_process_that_needs_a_machine_asks_for_one_beside_the_field(client, machining):
    make_machine(machining, name="Mill 7")
    step = ready(machining)

    response = send(client, "start", step)

    assert response.status_code == 400
    assert 'id="id_machine_error"> <p>' in text(response)
    assert "needs a machine: choose one." in text(response)
    assert "Mill 7" in text(response)


@pytest.mark.parametrize("deed", DEEDS)
def test_more_than_planned_says_the_numbers_keeps_what_was_typed_and_can_be_taken(
    client, process, operator, deed
):
    step = ready(process)
    reason = make_reason()
    services.start_step(step.pk, actor=operator)
    typed = {"quantity_good": "9", "quantity_scrap": "3", "scrap_reason": reason.pk}

    refused = send(client, deed, step, **typed)

    assert refused.status_code == 409
    assert "has 10 planned and 0 reported; 12 more would be 2 over." in text(refused)
    assert 'value="9"' in text(refused)
    assert f'<option value="{reason.pk}" selected>' in text(refused)
    assert f">{deed.title()} anyway<" in text(refused)

    taken = send(client, deed, step, **typed, anyway="1")

    step.refresh_from_db()
    assert taken.status_code == 302
    assert (step.quantity_good, step.quantity_scrap) == (9, 3)


@pytest.mark.parametrize("deed", DEEDS)
def test_scrap_without_a_reason_is_refused_beside_the_field(client, process, operator, deed):
    step = ready(process)
    services.start_step(step.pk, actor=operator)

    response = send(client, deed, step, quantity_good="2", quantity_scrap="1")

    assert response.status_code == 400
    assert 'id="id_scrap_reason_error"> <p>Say why it was scrapped.</p>' in text(response)
    assert 'value="2"' in text(response)


@pytest.mark.parametrize("deed", DEEDS)
def test_a_page_of_another_version_is_refused_and_shows_the_present(
    client, process, operator, deed
):
    step = ready(process)
    services.start_step(step.pk, actor=operator)
    JobStep.objects.filter(pk=step.pk).update(instructions="Mind the burr.")

    response = send(client, deed, step, quantity_good="2", version=step.version)

    assert response.status_code == 412
    assert "was changed meanwhile." in text(response)
    assert "Mind the burr." in text(response)
    assert f'name="version" value="{step.version + 1}"' in text(response)
    assert send(client, deed, step, quantity_good="2", version=step.version + 1).status_code == 302


@pytest.mark.parametrize("deed", DEEDS)
def test_who_does_not_work_on_it_reports_nothing_to_it(client, process, deed):
    step = ready(process)
    services.start_step(step.pk, actor=make_user("operator"))

    response = send(client, deed, step, quantity_good="2")

    assert response.status_code == 409
    assert "Join it first." in text(response)
    assert 'name="join" value="1"' in text(response)


def test_report_pause_and_finish_add_what_was_made(client, process):
    job = make_job(process, released=True)
    step, reason = job.steps.get(), make_reason()
    send(client, "start", step)

    send(client, "report", step, quantity_good="3", quantity_rework="1")
    send(client, "pause", step, quantity_scrap="2", scrap_reason=reason.pk)
    step.refresh_from_db()
    assert step.status == StepStatus.PAUSED
    send(client, "start", step)
    form = client.get(reverse("task-finish", args=[step.pk]))
    assert 'name="quantity_good" value="4"' in text(form)  # What remains, ready to be sent.
    send(client, "finish", step, quantity_good="4")

    step.refresh_from_db()
    job.refresh_from_db()
    assert (step.quantity_good, step.quantity_scrap, step.quantity_rework) == (7, 2, 1)
    assert (step.status, job.status) == ("completed", "completed")


def test_a_start_and_a_finish_can_be_undone_for_ten_seconds(client, process):
    step = ready(process)

    send(client, "start", step)
    undone = send(client, "undo", step)
    step.refresh_from_db()
    assert (undone.status_code, step.status) == (302, StepStatus.READY)

    send(client, "start", step)
    finished = send(client, "finish", step, quantity_good="10")
    assert "Undo" in text(client.get(finished.url))
    send(client, "undo", step)
    step.refresh_from_db()
    assert (step.status, step.quantity_good) == (StepStatus.IN_PROGRESS, 0)


def test_a_report_a_pause_and_a_resumption_can_be_undone_from_the_page(client, process):
    step = ready(process)
    send(client, "start", step)

    for deed, fields, status in (
        ("report", {"quantity_good": "3"}, StepStatus.IN_PROGRESS),
        ("pause", {"quantity_good": "3"}, StepStatus.IN_PROGRESS),
        ("start", {}, StepStatus.PAUSED),
    ):
        if deed == "start":
            send(client, "pause", step)
        page = text(client.get(send(client, deed, step, **fields).url))
        *_, back = re.findall(rf'action="(/tasks/{step.pk}/undo/[^"]+)"', page)
        assert client.post(back).status_code == 302
        step.refresh_from_db()
        assert (step.status, step.quantity_good) == (status, 0)


def test_an_old_page_takes_back_nothing_done_since(client, process):
    step = ready(process)
    page = text(client.get(send(client, "start", step).url))
    back = re.search(rf'action="(/tasks/{step.pk}/undo/[^"]+)"', page)
    send(client, "report", step, quantity_good="3")

    refused = client.post(back[1])

    step.refresh_from_db()
    assert (refused.status_code, step.quantity_good) == (409, 3)
    assert "You have gone on" in text(refused)


def test_the_server_decides_when_it_is_too_late_to_undo(client, process, operator):
    step = ready(process)
    send(client, "start", step)
    step.refresh_from_db()
    ago = (timezone.now() - timedelta(seconds=11)).isoformat()
    JobStep.objects.filter(pk=step.pk).update(undo=step.undo | {"at": ago})

    refused = send(client, "undo", step)
    assert refused.status_code == 409
    assert "There is nothing of yours to undo" in text(refused)


def test_help_is_called_and_shown(client, process, operator):
    step = ready(process)
    send(client, "start", step)

    send(client, "help", step, note="The nozzle is blocked.")

    call = step.help_calls.get()
    assert (call.raised_by, call.note) == (operator, "The nozzle is blocked.")
    assert "Help called" in text(client.get(reverse("tasks")))


def test_who_may_not_call_help_is_told_so(client, viewer):
    client.force_login(viewer)

    response = send(client, "help", make_step(), note="hello")

    assert response.status_code == 403
    assert "You may not add help calls." in text(response)
