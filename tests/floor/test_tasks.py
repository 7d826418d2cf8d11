"""What stands on /tasks/: whose, in which order, at what cost, and for whom not at all."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from apps.floor import selectors
from apps.floor.cards import Reader
from apps.floor.standing import COOKIE
from apps.jobs import services
from apps.jobs.models import JobStep
from apps.shop.selectors import today
from tests.factories import (
    make_job,
    make_machine,
    make_part,
    make_process,
    make_step,
    make_user,
    permit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def process(operator):
    process = make_process()
    permit(operator, process)
    return process


def ready(process, **fields) -> JobStep:
    return make_job(process, released=True, **fields).steps.get()


def my_work(user):
    return selectors.my_work(Reader(user))


def upcoming(user) -> list[int]:
    return [task.card.pk for task in my_work(user).upcoming]


def keys(*steps: JobStep) -> list[int]:
    return [step.pk for step in steps]


def shown(response) -> str:
    """What stands in the page itself, without what its script brings along."""
    return " ".join(response.content.decode().split("<main")[1].split("</main>")[0].split())


def test_the_signed_out_are_sent_to_sign_in_and_back(client):
    response = client.get(reverse("tasks"))

    assert response.url == "/login/?next=/tasks/"


def test_ready_steps_come_by_priority_due_date_sequence_and_id(operator, process, manager):
    day = today()
    late = ready(process, due_date=day - timedelta(days=1))
    undated = ready(process)
    urgent = ready(process, priority=3)
    mine = ready(process, due_date=day)
    services.assign_step(mine.pk, operator, actor=manager)
    soon = ready(process, due_date=day + timedelta(days=1))

    assert upcoming(operator) == keys(urgent, late, mine, soon, undated)


def test_steps_of_others_and_of_processes_the_role_does_not_work_on_stay_away(
    operator, process, manager
):
    others = ready(process)
    services.assign_step(others.pk, make_user("operator"), actor=manager)
    seen_only = make_process()
    permit(operator, seen_only, "can_view")
    ready(seen_only)
    make_step()
    free = ready(process)

    assert upcoming(operator) == keys(free)


def test_steps_of_jobs_on_hold_stay_away(operator, process, planner):
    step = ready(process)
    services.hold_job(step.job_id, actor=planner)

    assert upcoming(operator) == []


def test_who_supervises_every_process_sees_what_nobody_has(manager):
    step = make_step()

    assert upcoming(manager) == keys(step)


def test_planners_and_viewers_have_nothing_to_start(sign_in, planner, viewer):
    make_step()
    for user in (planner, viewer):
        page = sign_in(user).get(reverse("tasks"))

        assert page.context["work"].upcoming == ()
        assert f"The role {user.role} may not work on any process." in page.content.decode()


def test_no_more_than_a_page_full_comes_and_it_says_so(operator, process, monkeypatch, sign_in):
    monkeypatch.setattr(selectors, "SHOWN_NEXT", 2)
    for _ in range(3):
        ready(process)

    work = my_work(operator)

    assert (len(work.upcoming), work.has_more) == (2, True)
    assert "More will show" in sign_in(operator).get(reverse("tasks")).content.decode()


def test_a_card_says_what_for_whom_how_many_and_by_when(operator, process, sign_in):
    part = make_part(number="B-17", revision="C")
    job = make_job(process, process, released=True, part=part, due_date=today(), priority=3)
    job.steps.update(instructions="Deburr both edges.")

    page = shown(sign_in(operator).get(reverse("tasks")))

    said = (job.number, "B-17 rev C", job.title, str(job.customer), "due today", "Urgent")
    assert [each for each in said if each not in page] == []
    assert "<b>1 of 2</b>" in page
    assert "Deburr both edges." in page


def test_a_step_put_down_while_others_go_on_is_still_there_to_join(operator, process):
    step = ready(process)
    helper = make_user("operator", full_name="Mehmet")
    services.start_step(step.pk, actor=operator)
    services.start_step(step.pk, actor=helper, join=True)
    services.pause_step(step.pk, actor=operator)

    (waiting,) = my_work(operator).waiting

    assert (waiting.card.pk, waiting.card.workers) == (step.pk, ["Mehmet"])
    assert waiting.next.offer.word == "Join"


def test_where_a_machine_must_be_chosen_the_card_leads_to_the_choice(operator, sign_in):
    process = make_process(needs_machine=True)
    permit(operator, process)
    able, also = make_machine(process), make_machine(process)
    unable, unused = make_machine(), make_machine(process, is_active=False)
    step = ready(process)
    client = sign_in(operator)

    (task,) = my_work(operator).upcoming
    page = shown(client.get(reverse("task", args=[step.pk])))

    assert (task.next.offer, task.next.must_choose) == (None, True)
    assert "Choose a machine" in shown(client.get(reverse("tasks")))
    assert [each.name in page for each in (able, also)] == [True, True]
    assert [each.name in page for each in (unable, unused)] == [False, False]


def test_the_only_machine_that_can_do_it_need_not_be_chosen(operator):
    process = make_process(needs_machine=True)
    permit(operator, process)
    able = make_machine(process)
    ready(process)

    (task,) = my_work(operator).upcoming

    assert task.next.offer.fields == {"kind": "run", "machine": str(able.pk)}


def test_tasks_cost_the_same_for_two_steps_and_twenty(client, operator, assert_flat):
    process = make_process(needs_machine=True)
    permit(operator, process)
    machine = make_machine(process)
    client.force_login(operator)

    def grow(rows: int) -> None:
        for _ in range(rows):
            ready(process)
            running, paused = ready(process), ready(process)
            for step in (running, paused):
                services.start_step(step.pk, actor=operator, machine_id=machine.pk)
            services.pause_step(paused.pk, actor=operator)

    url = reverse("tasks")
    client.cookies[COOKIE] = str(machine.pk)
    assert assert_flat(grow=grow, work=lambda: client.get(url)) == 2  # The reader is cached.


def test_a_step_costs_the_same_in_a_job_of_two_steps_and_of_twenty(client, operator, assert_flat):
    process = make_process()
    permit(operator, process)
    step = ready(process)
    client.force_login(operator)

    def grow(rows: int) -> None:
        for _ in range(rows):
            services.add_step(
                JobStep(job=step.job, sequence=20, process=process), actor=make_user("planner")
            )

    url = reverse("task", args=[step.pk])
    assert assert_flat(grow=grow, work=lambda: client.get(url)) == 2


@pytest.mark.parametrize("page", ["task", "task-finish", "task-report", "task-pause", "task-help"])
def test_what_one_may_not_see_is_not_there(client, operator, page):
    client.force_login(operator)

    for pk in (make_step().pk, 10**9, 10**30):
        assert client.get(reverse(page, args=[pk])).status_code == 404


@pytest.mark.parametrize("deed", ["start", "finish", "report", "pause", "undo", "help"])
def test_nothing_can_be_done_to_what_one_may_not_see(client, operator, deed):
    client.force_login(operator)
    step = make_step()

    assert client.post(reverse(f"task-{deed}", args=[step.pk])).status_code == 404


def test_who_sees_all_steps_sees_one_without_a_way_to_start_it(client, viewer):
    client.force_login(viewer)
    step = make_step()

    page = client.get(reverse("task", args=[step.pk]))

    assert page.status_code == 200
    assert f"The role Viewer does not work on {step.process}." in page.content.decode()
    assert "Start</button>" not in shown(page)


def test_steps_of_the_job_that_the_role_may_not_see_are_not_listed(client, operator, process):
    hidden = make_process(name="Secret process")
    job = make_job(process, hidden, released=True)
    client.force_login(operator)

    page = client.get(reverse("task", args=[job.steps.get(sequence=10).pk]))

    assert "Secret process" not in page.content.decode()


@pytest.mark.parametrize("deed", ["start", "undo"])
def test_an_action_opened_as_a_page_leads_to_the_step(client, operator, process, deed):
    client.force_login(operator)
    step = ready(process)

    response = client.get(reverse(f"task-{deed}", args=[step.pk]))

    assert response.url == reverse("task", args=[step.pk])


@pytest.mark.parametrize("deed", ["start", "finish", "report", "pause", "undo", "help"])
def test_a_form_of_another_site_is_refused(operator, process, deed):
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator)
    step = ready(process)

    response = client.post(reverse(f"task-{deed}", args=[step.pk]))

    assert response.status_code == 403
    assert "The page was open too long" in response.content.decode()
    step.refresh_from_db()
    assert step.status == "ready"


def test_text_of_people_is_never_markup(client, operator, process):
    job = make_job(process, released=True, title="<script>alert(1)</script>")
    job.steps.update(instructions='<img src=x onerror="alert(1)">')
    client.force_login(operator)

    for page in (reverse("tasks"), reverse("task", args=[job.steps.get().pk])):
        drawn = client.get(page).content.decode()

        assert "&lt;script&gt;alert" in drawn
        assert "<script>alert" not in drawn
        assert "<img" not in drawn
