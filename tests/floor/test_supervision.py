"""The supervisor's floor: what it shows to whom, at what cost, and what can be changed from it."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from apps.floor import supervision, supervision_menus
from apps.floor.supervision import Reading
from apps.jobs import services
from apps.jobs.models import HelpCall, JobStep, WorkLog
from apps.jobs.states import LogKind, Priority
from apps.machines.services import start_downtime
from apps.machines.states import ReasonKind
from apps.processes.models import RoleProcessPermission
from apps.shop.selectors import today
from tests.factories import (
    make_job,
    make_machine,
    make_process,
    make_reason,
    make_user,
    permit,
)

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


@pytest.fixture
def milling(supervisor, operator):
    process = make_process(name="Milling", needs_machine=True)
    permit(supervisor, process, "can_supervise")
    permit(operator, process)
    return process


@pytest.fixture
def mill(milling):
    return make_machine(milling, code="MIL-1", name="Mill")


@pytest.fixture
def signed_in(client, supervisor):
    client.force_login(supervisor)
    return client


def ready(process, **fields) -> JobStep:
    return make_job(process, released=True, **fields).steps.get()


def scene(user, process_id=None):
    return Reading(user, process_id).scene()


def names(people) -> list[str]:
    return [person.name for person in people]


def be_here(user) -> None:
    user.last_login = timezone.now()
    user.save(update_fields=["last_login"])


# Who may look.


@pytest.mark.parametrize("page", ["floor", "shift"])
def test_the_signed_out_are_sent_to_sign_in_and_back(client, page):
    response = client.get(reverse(page))

    assert response.url == f"/login/?next={reverse(page)}"


@pytest.mark.parametrize("role", ["operator", "viewer", "planner"])
def test_who_supervises_nothing_is_told_that_they_may_not(client, milling, role):
    step = ready(milling)
    client.force_login(make_user(role))

    for url in (
        reverse("floor"),
        reverse("shift"),
        reverse("floor-step", args=[step.pk]),
        reverse("floor-person", args=[step.pk]),
    ):
        response = client.get(url)
        assert response.status_code == 403
        assert "You may not do this" in response.content.decode()


@pytest.mark.parametrize("role", ["manager", "administrator"])
def test_who_supervises_every_process_sees_every_one(milling, role):
    step = ready(milling)

    assert [card.pk for card in scene(make_user(role)).ready] == [step.pk]


def test_a_supervisor_sees_the_processes_that_are_theirs_and_can_look_at_one(supervisor, milling):
    turning = make_process(name="Turning")
    permit(supervisor, turning, "can_supervise")
    mine, other = ready(milling), ready(turning)
    ready(make_process())

    assert {card.pk for card in scene(supervisor).ready} == {mine.pk, other.pk}
    assert [card.pk for card in scene(supervisor, turning.pk).ready] == [other.pk]
    assert scene(supervisor, make_process().pk).ready == ()


# What stands there.


def test_it_shows_who_works_on_what_where_and_since_when(supervisor, operator, milling, mill):
    step = ready(milling)
    services.start_step(step.pk, actor=operator, machine_id=mill.pk)
    WorkLog.objects.update(started_at=timezone.now() - timedelta(minutes=22))

    (person,) = scene(supervisor).working

    (work,) = person.works
    assert (person.name, work.step_id, work.machine) == (str(operator), step.pk, "MIL-1 Mill")
    assert work.lasting == "22 min"


def test_people_are_idle_who_were_here_today_and_work_on_nothing(supervisor, operator, milling):
    here, worked, away = (make_user("operator") for _ in range(3))
    be_here(here)
    step = ready(make_process())
    permit(worked, step.process)
    services.start_step(step.pk, actor=worked)
    services.complete_step(step.pk, actor=worked)
    be_here(supervisor)

    assert set(names(scene(supervisor).idle)) == {str(here), str(worked)}
    assert str(away) not in names(scene(supervisor).idle)
    assert str(operator) not in names(scene(supervisor).idle)


def test_an_idle_person_is_said_to_have_what_is_assigned_to_them_next(
    supervisor, operator, milling
):
    be_here(operator)
    step = ready(milling)
    services.assign_step(step.pk, operator, actor=supervisor)

    (person,) = scene(supervisor).idle

    assert person.next is not None
    assert person.next.pk == step.pk


def test_machines_come_down_first_and_say_why_and_since_when(supervisor, operator, milling):
    idle, running, setting_up, down = (make_machine(milling) for _ in range(4))
    services.start_step(ready(milling).pk, actor=operator, machine_id=running.pk)
    services.start_step(
        ready(milling).pk, actor=operator, machine_id=setting_up.pk, kind=LogKind.SETUP
    )
    reason = make_reason(ReasonKind.DOWNTIME, name="Tool change")
    start_downtime(down.pk, reason=reason, actor=supervisor)

    lamps = scene(supervisor).lamps

    assert [(lamp.pk, lamp.word) for lamp in lamps] == [
        (down.pk, "Down"),
        (running.pk, "Running"),
        (setting_up.pk, "Set-up"),
        (idle.pk, "Idle"),
    ]
    assert lamps[0].reason == "Tool change"


def test_ready_steps_come_in_dispatch_order_whoever_has_them(supervisor, operator, milling):
    soon = ready(milling, due_date=today())
    urgent = ready(milling, priority=3)
    later = ready(milling, due_date=today() + timedelta(days=9))
    services.assign_step(later.pk, operator, actor=supervisor)

    found = scene(supervisor)

    assert [card.pk for card in found.ready] == [urgent.pk, soon.pk, later.pk]
    assert [(lane.name, len(lane.cards)) for lane in found.lanes] == [
        ("Urgent", 1),
        ("High", 0),
        ("Normal", 2),
        ("Low", 0),
    ]


def test_paused_steps_stand_apart_and_held_jobs_nowhere(
    supervisor, operator, planner, milling, mill
):
    paused, held = ready(milling), ready(milling)
    services.start_step(paused.pk, actor=operator, machine_id=mill.pk)
    services.pause_step(paused.pk, actor=operator)
    services.hold_job(held.job_id, actor=planner)

    found = scene(supervisor)

    assert [card.pk for card in found.paused] == [paused.pk]
    assert found.ready == ()


def test_open_calls_come_first_the_oldest_on_top(client, supervisor, operator, milling, mill):
    step = ready(milling)
    services.raise_help(actor=operator, step_id=step.pk, note="Tool broke")
    services.raise_help(actor=operator, machine_id=mill.pk)
    client.force_login(supervisor)

    page = client.get(reverse("floor")).content.decode()

    first, second = scene(supervisor).calls
    assert (first.place, second.place) == (f"{step.job} · Milling", "MIL-1 Mill")
    assert page.index("2 calls for help") < page.index('id="people"')
    assert "Tool broke" in page


def test_no_more_is_read_than_is_shown_and_it_says_so(supervisor, milling):
    shown = supervision.Shown(ready=2)
    for _ in range(3):
        ready(milling)

    found = Reading(supervisor, None, shown).scene()

    assert (len(found.ready), set(found.more)) == (2, {"ready"})


def test_text_of_people_is_never_markup(client, supervisor, operator, milling):
    ready(milling, title="<script>alert(1)</script>")
    services.raise_help(actor=operator, step_id=ready(milling).pk, note="<img src=x>")
    client.force_login(supervisor)

    for page in ("floor", "shift"):
        shown = client.get(reverse(page)).content.decode()
        assert "<script>alert" not in shown
        assert "<img" not in shown


# What it costs.


@pytest.fixture
def grow(supervisor, operator, milling, mill):
    """Return a function that adds so many of everything that the pages show."""

    def run(rows: int) -> None:
        for _ in range(rows):
            ready(milling)
            be_here(make_user("operator"))
            running, paused = ready(milling), ready(milling)
            for step in (running, paused):
                services.start_step(step.pk, actor=operator, machine_id=mill.pk)
            services.pause_step(paused.pk, actor=operator)
            services.raise_help(actor=operator, step_id=running.pk)
            make_machine(milling)

    return run


@pytest.mark.parametrize("page", ["floor", "shift"])
def test_a_page_costs_the_same_for_few_and_for_many(signed_in, grow, assert_flat, page):
    assert_flat(grow=grow, work=lambda: signed_in.get(reverse(page)))


@pytest.mark.parametrize(
    ("page", "own"), [("floor", 1), ("shift", 2), ("floor-step", 1), ("floor-person", 2)]
)
def test_beside_who_asks_a_page_reads_with_one_statement_or_two(
    signed_in, grow, operator, page, own
):
    grow(2)
    keys = {"floor-step": JobStep.objects.filter(status="ready").first(), "floor-person": operator}
    url = reverse(page, args=[keys[page].pk] if page in keys else [])
    signed_in.get(url)

    with CaptureQueriesContext(connection) as captured:
        assert signed_in.get(url).status_code == 200

    # What the test itself changed is read anew in its transaction, and cached in a shop.
    known = ('FROM "users" WHERE "users"."id" =', 'FROM "roles" WHERE', 'FROM "role_process')
    asked = [q["sql"] for q in captured]
    others = [sql for sql in asked if "json_agg" in sql or not any(each in sql for each in known)]
    assert len(others) == own


def test_what_has_not_changed_is_not_told_again(client, supervisor, milling):
    ready(milling)
    client.force_login(supervisor)
    tag = client.get(reverse("floor")).headers["ETag"]

    again = client.get(reverse("floor"), headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")

    ready(milling)
    assert client.get(reverse("floor"), headers={"If-None-Match": tag}).status_code == 200


def test_a_tag_is_another_for_another_reader_process_minute_and_language(
    supervisor, milling, monkeypatch
):
    tags = {
        Reading(supervisor, None).tag,
        Reading(supervisor, milling.pk).tag,
        Reading(make_user("supervisor"), None).tag,
    }
    later = timezone.now() + timedelta(minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    tags.add(Reading(supervisor, None).tag)
    with translation.override("de"):
        tags.add(Reading(supervisor, None).tag)

    assert len(tags) == 5


def test_the_floor_is_read_without_valkey(client, supervisor, milling, monkeypatch):
    client.force_login(supervisor)
    cache.clear()

    assert client.get(reverse("floor")).status_code == 200


# What can be done.


def send(client, name, pk, **fields):
    return client.post(reverse(name, args=[pk]), fields, headers=JSON)


def test_a_step_is_given_to_somebody_and_taken_back(signed_in, operator, milling):
    step = ready(milling)

    told = send(signed_in, "floor-assign", step.pk, user=operator.pk).json()
    step.refresh_from_db()
    assert told["done"] == f"{step.job} · Milling: given to {operator}"
    assert step.assigned_to == operator

    send(signed_in, "floor-assign", step.pk, user="")
    step.refresh_from_db()
    assert step.assigned_to is None


def test_a_step_is_moved_made_urgent_and_left_out(signed_in, milling, mill):
    step = ready(milling)

    send(signed_in, "floor-move", step.pk, machine=mill.pk)
    send(signed_in, "floor-prioritise", step.pk, priority=Priority.URGENT.value)
    step.refresh_from_db()
    assert (step.machine, step.priority) == (mill, Priority.URGENT)

    told = send(signed_in, "floor-skip", step.pk).json()
    step.refresh_from_db()
    assert (told["done"], step.status) == (f"{step.job} · Milling: left out", "skipped")


def test_without_a_script_one_is_led_back_to_the_page_one_came_from(signed_in, milling):
    step = ready(milling)
    url = reverse("floor-prioritise", args=[step.pk])

    said = {"priority": 2, "back": "shift", "process": milling.pk}
    response = signed_in.post(url, said, follow=True)

    assert response.redirect_chain == [(f"/floor/shift/?process={milling.pk}", 302)]
    assert f"{step.job} · Milling: priority High" in response.content.decode()
    assert "ETag" not in response.headers


def test_one_is_led_to_no_other_site(signed_in, milling):
    step = ready(milling)
    url = reverse("floor-prioritise", args=[step.pk])

    response = signed_in.post(url, {"priority": 2, "back": "https://example.com/", "process": "x"})

    assert response.url == "/floor/"


def test_a_step_that_somebody_else_changed_is_not_changed_again_unseen(
    signed_in, manager, operator, milling
):
    step = ready(milling)
    seen = services.glimpse_of(step)
    services.assign_step(step.pk, operator, actor=manager)

    response = send(signed_in, "floor-assign", step.pk, user="", seen=seen)

    step.refresh_from_db()
    assert response.status_code == 412
    assert "was changed meanwhile" in response.json()["refused"]
    assert step.assigned_to == operator


def test_a_refusal_is_told_on_the_steps_own_page_without_a_script(signed_in, milling):
    step = ready(milling)
    stranger = make_user("viewer")

    response = signed_in.post(reverse("floor-assign", args=[step.pk]), {"user": stranger.pk})

    assert response.status_code == 403
    assert "The role Viewer may not work on Milling steps." in response.content.decode()


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("floor-assign", {"user": "x"}),
        ("floor-assign", {"user": 10**9}),
        ("floor-move", {"machine": "x"}),
        ("floor-move", {"machine": 10**9}),
        ("floor-prioritise", {}),
        ("floor-prioritise", {"priority": 9}),
    ],
)
def test_what_nobody_can_have_chosen_is_refused_in_words(signed_in, milling, name, fields):
    response = send(signed_in, name, ready(milling).pk, **fields)

    assert response.status_code == 400
    assert response.json()["refused"]


@pytest.mark.parametrize("name", ["floor-assign", "floor-move", "floor-prioritise", "floor-skip"])
def test_who_supervises_other_processes_changes_nothing_here(client, milling, name):
    other = make_user("supervisor")
    RoleProcessPermission.objects.filter(process=milling, role=other.role).delete()
    permit(other, make_process(), "can_supervise")
    client.force_login(other)
    step = ready(milling)

    response = send(client, name, step.pk, priority=1)

    assert response.status_code == 403


@pytest.mark.parametrize(
    "name",
    ["floor-assign", "floor-skip", "floor-answer", "floor-up", "floor-place"],
)
def test_what_is_gone_is_not_there(signed_in, name, milling):
    assert send(signed_in, name, 10**9, machine=1).status_code == 404


def test_a_form_of_another_site_is_refused(supervisor, milling):
    client = Client(enforce_csrf_checks=True)
    client.force_login(supervisor)

    response = client.post(reverse("floor-skip", args=[ready(milling).pk]))

    assert response.status_code == 403


def test_a_call_is_answered_with_one_press_and_once(signed_in, operator, supervisor, milling):
    call = services.raise_help(actor=operator, step_id=ready(milling).pk)

    told = send(signed_in, "floor-answer", call.pk).json()
    again = send(signed_in, "floor-answer", call.pk)

    assert told["done"] == f"{operator} knows that you come."
    assert HelpCall.objects.get().answered_by == supervisor
    assert again.status_code == 409
    assert "has answered this call already" in again.json()["refused"]


def test_the_same_request_sent_twice_is_done_once(signed_in, operator, milling):
    call = services.raise_help(actor=operator, step_id=ready(milling).pk)
    url = reverse("floor-answer", args=[call.pk])
    sent = JSON | {"Idempotency-Key": "just-once"}

    answers = [signed_in.post(url, headers=sent).json() for _ in range(2)]

    assert answers[0] == answers[1]


def test_a_machine_is_brought_up_again(signed_in, supervisor, mill):
    reason = make_reason(ReasonKind.DOWNTIME)
    downtime = start_downtime(mill.pk, reason=reason, actor=supervisor)

    told = send(signed_in, "floor-up", downtime.pk).json()

    mill.refresh_from_db()
    assert (told["done"], mill.status) == ("MIL-1 Mill is up again.", "idle")


def test_somebody_put_to_a_machine_gets_its_next_step_that_nobody_has(
    signed_in, supervisor, operator, milling, mill
):
    first, second = ready(milling, priority=3), ready(milling)
    for step in (first, second):
        services.move_step(step.pk, mill.pk, actor=supervisor)
    services.assign_step(first.pk, make_user("operator"), actor=supervisor)

    told = send(signed_in, "floor-place", operator.pk, machine=mill.pk).json()

    second.refresh_from_db()
    assert told["done"] == f"{second.job} · Milling: given to {operator}"
    assert (second.assigned_to, second.machine) == (operator, mill)


def test_a_step_of_any_machine_is_planned_on_the_one_somebody_is_put_to(
    signed_in, operator, milling, mill
):
    step = ready(milling)

    send(signed_in, "floor-place", operator.pk, machine=mill.pk)

    step.refresh_from_db()
    assert (step.assigned_to, step.machine) == (operator, mill)


def test_nobody_is_put_to_a_machine_where_nothing_waits(signed_in, operator, mill):
    response = send(signed_in, "floor-place", operator.pk, machine=mill.pk)

    assert response.status_code == 400
    assert "Nothing waits on this machine" in response.json()["refused"]


# Menus.


def test_a_steps_menu_offers_who_may_where_and_how_urgent(signed_in, operator, milling, mill):
    away = make_user("operator")
    be_here(operator)
    make_machine()
    step = ready(milling)

    menu = signed_in.get(reverse("floor-step", args=[step.pk])).context["menu"]

    assert operator.pk in [person.pk for person in menu.here]
    assert away.pk in [person.pk for person in menu.away]
    assert [lamp.pk for lamp in menu.machines] == [mill.pk]
    assert [name for _, name in menu.priorities] == ["Urgent", "High", "Normal", "Low"]


def test_a_step_of_a_process_that_one_does_not_supervise_offers_nothing(
    signed_in, supervisor, milling
):
    step = ready(make_process(name="Painting"))

    page = signed_in.get(reverse("floor-step", args=[step.pk])).content.decode()

    assert "The role Supervisor does not supervise Painting." in page
    assert "data-deed" not in page


def test_of_more_people_than_a_menu_shows_those_here_come_first(
    signed_in, operator, milling, monkeypatch
):
    monkeypatch.setattr(supervision_menus, "PEOPLE_AT_MOST", 3)  # One is who looks.
    names_given = ("Aaron Away", "Aydin Away", "Zoe Here")
    people = [make_user("operator", full_name=name) for name in names_given]
    be_here(people[-1])

    menu = signed_in.get(reverse("floor-step", args=[ready(milling).pk])).context["menu"]

    assert names(menu.here)[-1] == "Zoe Here"
    assert names(menu.away) == ["Aaron Away"]


def test_a_persons_menu_offers_what_nobody_has_and_they_may_do(
    signed_in, supervisor, operator, milling, mill
):
    painting = make_process(name="Painting")
    permit(supervisor, painting, "can_supervise")
    free, taken, strange = ready(milling), ready(milling), ready(painting)
    services.assign_step(taken.pk, supervisor, actor=supervisor)

    menu = signed_in.get(reverse("floor-person", args=[operator.pk])).context["menu"]

    assert [card.pk for card in menu.cards] == [free.pk]
    assert [lamp.pk for lamp in menu.machines] == [mill.pk]
    assert strange.pk not in [card.pk for card in menu.cards]


def test_a_supervisor_who_supervises_nothing_yet_is_told_what_is_missing(client):
    client.force_login(make_user("supervisor"))
    for name in ("floor", "shift"):
        page = client.get(reverse(name))
        assert page.status_code == 200
        assert "supervises no process yet" in page.content.decode()


@pytest.mark.parametrize("page", ["floor-step", "floor-person"])
@pytest.mark.parametrize("key", [10**9, 2**63, 10**30])
def test_what_is_not_there_has_no_menu(signed_in, milling, page, key):
    assert signed_in.get(reverse(page, args=[key])).status_code == 404


def test_a_key_longer_than_any_is_not_looked_for(signed_in, milling):
    with CaptureQueriesContext(connection) as captured:
        assert signed_in.get(reverse("floor-step", args=[2**63])).status_code == 404

    assert not [each for each in captured if "json_agg" in each["sql"]]
