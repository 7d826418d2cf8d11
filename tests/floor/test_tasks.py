"""What stands on /tasks/: whose, in which order, at what cost, and for whom not at all."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from apps.floor import selectors
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


def upcoming(user) -> list[JobStep]:
    return [task.step for task in selectors.my_work(user).upcoming]


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

    assert upcoming(operator) == [urgent, late, mine, soon, undated]


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

    assert upcoming(operator) == [free]


def test_steps_of_jobs_on_hold_stay_away(operator, process, planner):
    step = ready(process)
    services.hold_job(step.job_id, actor=planner)

    assert upcoming(operator) == []


def test_who_supervises_every_process_sees_what_nobody_has(manager):
    step = make_step()

    assert upcoming(manager) == [step]


def test_planners_and_viewers_have_nothing_to_start(sign_in, planner, viewer):
    make_step()
    for user in (planner, viewer):
        page = sign_in(user).get(reverse("tasks"))

        assert page.context["work"].upcoming == ()
        assert f"The role {user.role} may not work on any process." in page.content.decode()


def test_no_more_than_a_page_full_comes_and_it_says_so(operator, process, monkeypatch, sign_in):
    monkeypatch.setattr(selectors, "NEXT_AT_MOST", 2)
    for _ in range(3):
        ready(process)

    work = selectors.my_work(operator)

    assert (len(work.upcoming), work.has_more) == (2, True)
    assert "More will show" in sign_in(operator).get(reverse("tasks")).content.decode()


def test_a_card_says_what_for_whom_how_many_and_by_when(operator, process, sign_in):
    part = make_part(number="B-17", revision="C")
    job = make_job(process, process, released=True, part=part, due_date=today(), priority=3)
    job.steps.update(instructions="Deburr both edges.")

    page = " ".join(sign_in(operator).get(reverse("tasks")).content.decode().split())

    said = (job.number, "B-17 rev C", job.title, str(job.customer), "due today", "Urgent")
    assert [each for each in said if each not in page] == []
    assert "step 1 of 2" in page
    assert "Deburr both edges." in page


def test_a_step_put_down_while_others_go_on_is_still_there_to_join(operator, process):
    step = ready(process)
    helper = make_user("operator", full_name="Mehmet")
    services.start_step(step.pk, actor=operator)
    services.start_step(step.pk, actor=helper, join=True)
    services.pause_step(step.pk, actor=operator)

    (paused,) = selectors.my_work(operator).paused

    assert (paused.step, paused.workers) == (step, ("Mehmet",))


def test_a_machine_is_offered_where_one_must_be_chosen(operator, sign_in):
    process = make_process(needs_machine=True)
    permit(operator, process)
    able, _unable = make_machine(process), make_machine()
    make_machine(process, is_active=False)
    ready(process)

    (task,) = selectors.my_work(operator).upcoming

    assert task.machines == (able,)


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
    assert assert_flat(grow=grow, work=lambda: client.get(url)) == 8


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
    assert assert_flat(grow=grow, work=lambda: client.get(url)) == 6


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
    assert "Start</button>" not in page.content.decode()


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


@pytest.mark.parametrize("just", ["x", "-1", "9" * 40, "²", ""])
def test_a_made_up_offer_to_undo_offers_nothing(client, operator, just):
    client.force_login(operator)

    response = client.get(reverse("tasks"), {"just": just})

    assert (response.status_code, response.context["undo"]) == (200, None)


def test_text_of_people_is_never_markup(client, operator, process):
    job = make_job(process, released=True, title="<script>alert(1)</script>")
    job.steps.update(instructions='<img src=x onerror="alert(1)">')
    client.force_login(operator)

    page = client.get(reverse("tasks")).content.decode()

    assert "<script>alert" not in page
    assert "<img" not in page
