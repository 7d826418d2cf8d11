"""What else is done on the floor: set up and run, machines down and up, the end of a shift."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.floor.pages import MACHINES_AT_MOST
from apps.floor.standing import COOKIE
from apps.jobs import services
from apps.jobs.models import JobStep, WorkLog
from apps.machines.models import MachineDowntime
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


@pytest.fixture
def process(operator):
    process = make_process(name="Milling")
    permit(operator, process)
    return process


@pytest.fixture
def client(client, operator):
    client.force_login(operator)
    return client


def started(process, operator, **fields) -> JobStep:
    step = make_job(process, released=True, **fields).steps.get()
    services.start_step(step.pk, actor=operator)
    step.refresh_from_db()
    return step


def send(client, what, *args, **fields):
    return client.post(reverse(what, args=args), fields)


def text(response) -> str:
    page = response.content.decode()
    return " ".join(page.split("<main")[1].split("</main>")[0].split())


def test_set_up_becomes_run_and_run_set_up_while_the_step_goes_on(client, process, operator):
    step = started(process, operator)

    send(client, "task-kind", step.pk, kind="setup")
    send(client, "task-kind", step.pk, kind="run")
    again = send(client, "task-kind", step.pk, kind="run")

    logs = list(step.logs.order_by("pk").values_list("kind", "ended_at"))
    assert [kind for kind, _ in logs] == ["run", "setup", "run"]
    assert [ended is None for _, ended in logs] == [False, False, True]
    assert again.status_code == 302  # It is so already: nothing changes, nobody is scolded.


@pytest.mark.parametrize("kind", ["correction", "", "x"])
def test_other_kinds_of_work_are_refused_in_words(client, process, operator, kind):
    step = started(process, operator)

    assert send(client, "task-kind", step.pk, kind=kind).status_code == 400
    assert step.logs.get().kind == "run"


def test_setting_up_the_card_offers_the_run_first(client, process):
    step = make_job(process, released=True).steps.get()

    send(client, "task-start", step.pk, kind="setup")

    page = text(client.get(reverse("tasks")))
    assert "Setting up" in page
    assert page.index("Start the run") < page.index("Finish")


@pytest.mark.parametrize(
    ("typed", "good"),
    [
        ({"pallets": "3", "per_pallet": "2"}, 6),
        ({"pallets": "3", "per_pallet": "2", "loose": "1"}, 7),
        ({"loose": "4"}, 4),
        ({"counter_start": "1 000", "counter_end": "1 008"}, 8),
        ({"counter_start": "0", "counter_end": "0", "quantity_rework": "1"}, 0),
        ({"quantity_good": "9", "pallets": "1", "per_pallet": "5"}, 5),
    ],
)
def test_good_pieces_are_counted_by_pallets_or_by_the_machines_counter(
    client, process, operator, typed, good
):
    step = started(process, operator)

    assert send(client, "task-report", step.pk, **typed).status_code == 302

    step.refresh_from_db()
    assert step.quantity_good == good


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"pallets": "3"}, "per_pallet", "How many are on each?"),
        ({"counter_end": "3"}, "counter_start", "Read the counter twice: before, and now."),
        ({"counter_start": "3"}, "counter_end", "Read the counter twice: before, and now."),
        (
            {"counter_start": "9", "counter_end": "3"},
            "counter_end",
            "The counter shows less now than before.",
        ),
        (
            {"loose": "1", "counter_start": "1", "counter_end": "3"},
            "pallets",
            "Count by pallets or by the counter, not by both.",
        ),
        (
            {"pallets": "9999999", "per_pallet": "9999999"},
            "pallets",
            "That is more than can be counted.",
        ),
    ],
)
def test_a_count_that_cannot_be_is_told_beside_its_field_which_is_shown(
    client, process, operator, typed, field, said
):
    step = started(process, operator)

    response = send(client, "task-report", step.pk, **typed)

    page = text(response)
    assert response.status_code == 400
    assert f'id="id_{field}_error"> <p>{said}' in page
    assert '<details class="otherwise" open>' in page


def test_a_pause_asks_for_nothing(client, process, operator):
    step = started(process, operator)

    paused = send(client, "task-pause", step.pk)

    step.refresh_from_db()
    assert (paused.status_code, step.status, step.quantity_good) == (302, "paused", 0)


def test_less_than_remains_is_warned_of_and_taken_when_it_is_meant(client, process, operator):
    step = started(process, operator)
    form = text(client.get(reverse("task-finish", args=[step.pk])))
    assert 'name="rest" value="10"' in form

    warned = send(client, "task-finish", step.pk, quantity_good="7", rest="10")
    assert warned.status_code == 409
    assert "3 pieces of the 10 that remain are missing." in text(warned)
    assert 'name="anyway" value="1">Finish anyway<' in text(warned)
    assert 'value="7"' in text(warned)

    send(client, "task-finish", step.pk, quantity_good="7", rest="10", anyway="1")
    step.refresh_from_db()
    assert (step.status, step.quantity_good) == ("completed", 7)


def test_scrap_and_rework_count_toward_what_remains(client, process, operator):
    step, reason = started(process, operator), make_reason()

    done = send(
        client,
        "task-finish",
        step.pk,
        quantity_good="7",
        quantity_scrap="2",
        quantity_rework="1",
        scrap_reason=reason.pk,
        rest="10",
    )

    assert done.status_code == 302


def test_finish_with_all_that_remains_takes_two_taps(client, process, operator):
    """The card's Finish is a link to the form, whose Finish sends what stands in it."""
    step = started(process, operator)
    card = text(client.get(reverse("tasks")))
    assert f'href="/tasks/{step.pk}/finish/"' in card

    form = client.get(f"/tasks/{step.pk}/finish/").context["form"]
    prefilled = {name: form[name].value() for name in ("quantity_good", "rest", "version")}
    done = send(client, "task-finish", step.pk, **prefilled)

    assert done.status_code == 302


def test_the_form_of_a_step_that_one_does_not_work_on_leads_to_the_step(client, process):
    step = make_job(process, released=True).steps.get()

    assert client.get(reverse("task-finish", args=[step.pk])).url == f"/tasks/{step.pk}/"


def test_a_machine_goes_down_with_a_reason_and_comes_up_again(client, operator):
    machine, reason = make_machine(name="Laser 1"), make_reason(ReasonKind.DOWNTIME, name="Tool")
    client.cookies[COOKIE] = str(machine.pk)
    assert "Tool" in text(client.get(reverse("machine-down", args=[machine.pk])))

    went = send(client, "machine-down", machine.pk, reason=reason.pk, note="Blunt.")

    page = text(client.get(went.url))
    downtime = MachineDowntime.objects.get()
    assert (downtime.reason, downtime.note, downtime.reported_by) == (reason, "Blunt.", operator)
    assert f"{machine} is down since" in page
    assert "Tool" in page

    send(client, "machine-up", machine.pk)
    again = send(client, "machine-up", machine.pk)

    machine.refresh_from_db()
    assert (machine.status, again.status_code) == ("idle", 302)


def test_a_machine_does_not_go_down_without_a_reason_or_twice(client, operator):
    machine, reason = make_machine(), make_reason(ReasonKind.DOWNTIME)

    bare = send(client, "machine-down", machine.pk)
    assert (bare.status_code, "Say why it is down." in text(bare)) == (400, True)

    send(client, "machine-down", machine.pk, reason=reason.pk)
    twice = send(client, "machine-down", machine.pk, reason=reason.pk)
    assert twice.status_code == 409
    assert MachineDowntime.objects.count() == 1


def test_a_reason_for_scrap_is_none_for_a_downtime(client):
    machine = make_machine()

    refused = send(client, "machine-down", machine.pk, reason=make_reason().pk)

    assert refused.status_code == 400


def test_who_may_not_report_downtimes_is_told_so(client, viewer):
    client.force_login(viewer)
    machine, reason = make_machine(), make_reason(ReasonKind.DOWNTIME)

    assert send(client, "machine-down", machine.pk, reason=reason.pk).status_code == 403
    start_downtime(machine.pk, reason=reason, actor=make_user("manager"))
    refused = send(client, "machine-up", machine.pk)
    assert "You may not" in client.get(refused.url).content.decode()
    machine.refresh_from_db()
    assert machine.status == "down"


@pytest.mark.parametrize("pk", [10**9, 10**30])
def test_a_machine_that_is_not_there_is_not_found(client, pk):
    reason = make_reason(ReasonKind.DOWNTIME)

    assert client.get(reverse("machine-down", args=[pk])).status_code == 404
    assert send(client, "machine-down", pk, reason=reason.pk).status_code == 404
    assert send(client, "machine-up", pk).status_code == 404


def test_the_end_of_a_shift_pauses_all_of_mine_and_nothing_of_others(client, process, operator):
    mine, shared = started(process, operator), started(process, operator)
    friend = make_user("operator")
    services.start_step(shared.pk, actor=friend, join=True)
    listed = text(client.get(reverse("end-of-shift")))
    assert [step.job.number in listed for step in (mine, shared)] == [True, True]

    ended = send(client, "end-of-shift")

    assert "2 steps are paused." in client.get(ended.url).content.decode()
    for step, status in ((mine, "paused"), (shared, "in_progress")):
        step.refresh_from_db()
        assert step.status == status
    assert list(WorkLog.objects.open().values_list("user", flat=True)) == [friend.pk]
    assert "nothing to pause" in text(client.get(reverse("end-of-shift")))


def test_after_twelve_hours_one_is_asked_and_believed(client, process, operator):
    step = started(process, operator)
    long_ago = timezone.now() - timedelta(hours=12, minutes=1)
    step.logs.update(started_at=long_ago)
    JobStep.objects.filter(pk=step.pk).update(started_at=long_ago)
    assert "Still working?" in text(client.get(reverse("tasks")))

    send(client, "task-still", step.pk)

    assert "Still working?" not in text(client.get(reverse("tasks")))
    assert "Still working?" not in text(client.get(reverse("task", args=[step.pk])))


def test_before_that_nobody_is_asked(client, process, operator):
    started(process, operator)

    assert "Still working?" not in text(client.get(reverse("tasks")))


def test_what_comes_next_is_narrowed_to_the_machine_one_stands_at(client, operator):
    milling, turning = make_process(needs_machine=True), make_process(needs_machine=True)
    for process in (milling, turning):
        permit(operator, process)
    here, there = make_machine(milling), make_machine(milling, turning)
    planned, elsewhere, anywhere = (make_job(milling, released=True).steps.get() for _ in range(3))
    other = make_job(turning, released=True).steps.get()
    JobStep.objects.filter(pk=planned.pk).update(machine=here)
    JobStep.objects.filter(pk=elsewhere.pk).update(machine=there)

    chosen = send(client, "task-machine", machine=here.pk)
    narrowed = client.get(chosen.url).context["work"].upcoming
    send(client, "task-machine", machine="")
    all_of_it = client.get(reverse("tasks")).context["work"].upcoming

    assert [task.card.pk for task in narrowed] == [planned.pk, anywhere.pk]
    assert narrowed[1].next.offer.fields == {"kind": "run", "machine": str(here.pk)}
    assert {task.card.pk for task in all_of_it} == {
        step.pk for step in (planned, elsewhere, anywhere, other)
    }


def test_the_machines_to_choose_from_are_those_that_ones_role_works_on(client, operator):
    process = make_process()
    permit(operator, process)
    able, _other, _unused = (
        make_machine(process),
        make_machine(),
        make_machine(process, is_active=False),
    )

    page = client.get(reverse("task-machine"), {"machine": able.pk})

    assert page.context["machines"] == [able]
    assert page.context["first"] == able


def test_of_many_machines_the_first_are_shown_and_the_others_found_by_their_name(client, operator):
    process = make_process()
    permit(operator, process)
    for number in range(MACHINES_AT_MOST + 1):
        make_machine(process, code=f"M-{number:03}", name=f"Mill {number}")

    page = client.get(reverse("task-machine"))
    found = client.get(reverse("task-machine"), {"q": f" mill {MACHINES_AT_MOST} "})
    none = client.get(reverse("task-machine"), {"q": "<b>"})

    assert len(page.context["machines"]) == MACHINES_AT_MOST
    assert "There are more" in page.content.decode()
    assert [each.name for each in found.context["machines"]] == [f"Mill {MACHINES_AT_MOST}"]
    assert "No machine of yours is called “&lt;b&gt;”." in none.content.decode()


@pytest.mark.parametrize("machine", ["x", "-1", "9" * 30, "²", "0"])
def test_a_made_up_machine_narrows_nothing_and_breaks_nothing(client, process, machine):
    step = make_job(process, released=True).steps.get()
    client.cookies[COOKIE] = machine

    page = client.get(reverse("tasks"))

    assert page.status_code == 200
    if machine != "0":
        assert [task.card.pk for task in page.context["work"].upcoming] == [step.pk]
    assert send(client, "task-machine", machine=machine).status_code == 400


@pytest.mark.parametrize("what", ["machine-down", "machine-up"])
def test_a_script_may_not_be_told_of_machines_when_signed_out(client, what):
    client.logout()

    assert send(client, what, make_machine().pk).url == "/login/?next=/tasks/"


def test_still_working_on_what_one_does_not_see_is_nothing(client):
    assert send(client, "task-still", make_step().pk).status_code == 302
