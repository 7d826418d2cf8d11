"""Every row of the rule table, through the office's doors."""

import pytest
from django.urls import reverse

from apps.jobs import services
from apps.jobs.models import JobStep
from apps.jobs.states import StepStatus
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
def step():
    return make_step()


@pytest.fixture
def foreman(supervisor, step):
    permit(supervisor, step.process, "can_supervise")
    return supervisor


@pytest.fixture
def worker(operator, step):
    permit(operator, step.process)
    return operator


@pytest.fixture
def do(client, foreman):
    """Return a function that acts on a step in the office as the supervisor."""
    client.force_login(foreman)

    def run(step, action, **data):
        quantities = dict.fromkeys(("quantity_good", "quantity_scrap", "quantity_rework"), 0)
        address = reverse("admin:jobs_jobstep_do", args=[step.pk, action])
        return client.post(address, {"kind": "run"} | quantities | data)

    return run


def said(answer):
    form = answer.context["form"]
    return " ".join([*form.non_field_errors(), *(e for f in form for e in f.errors)])


def state(step):
    return JobStep.objects.get(pk=step.pk).status


def test_a_step_is_worked_from_start_to_end(do, step, foreman):
    assert do(step, "start").status_code == 302
    assert do(step, "report", quantity_good=3).status_code == 302
    assert do(step, "pause", quantity_good=1).status_code == 302
    assert do(step, "start").status_code == 302
    reason = make_reason()
    done = do(step, "complete", quantity_good=5, quantity_scrap=1, scrap_reason=reason.pk)
    assert done.status_code == 302
    step.refresh_from_db()
    assert (step.status, step.quantity_good, step.quantity_scrap) == ("completed", 9, 1)

    corrected = do(step, "correct", quantity_good=-1, quantity_rework=1, note="Miscounted")
    assert corrected.status_code == 302
    step.refresh_from_db()
    assert (step.quantity_good, step.quantity_rework) == (8, 1)

    assert do(step, "reopen").status_code == 302
    assert state(step) == StepStatus.PAUSED
    assert do(step, "skip").status_code == 302
    assert state(step) == StepStatus.SKIPPED


def test_a_step_not_ready_says_the_state_it_is_in(do, foreman):
    process = make_process()
    permit(foreman, process, "can_supervise")
    second = make_job(process, process, released=True).steps.last()
    answer = do(second, "start")
    assert answer.status_code == 400
    assert "is pending; it cannot be started" in said(answer)


def test_a_role_without_the_process_is_named(client, step):
    client.force_login(make_user("planner"))
    answer = client.post(reverse("admin:jobs_jobstep_do", args=[step.pk, "start"]), {"kind": "run"})
    assert f"The role Planner may not work on {step.process} steps" in said(answer)


def test_a_step_of_someone_else_is_taken_over_only_on_purpose(do, step, worker, foreman):
    services.assign_step(step.pk, worker, actor=foreman)
    assert f"is assigned to {worker}" in said(do(step, "start"))
    assert do(step, "start", take_over="on").status_code == 302
    assert JobStep.objects.get(pk=step.pk).assigned_to == foreman


def test_a_started_step_says_who_has_it_and_can_be_joined(do, step, worker):
    services.start_step(step.pk, actor=worker)
    assert f"{worker} works on" in said(do(step, "start"))
    assert do(step, "start", join="on").status_code == 302
    assert step.logs.open().count() == 2


def test_a_machine_that_is_down_is_named(do, foreman):
    process = make_process(needs_machine=True)
    permit(foreman, process, "can_supervise")
    machine = make_machine(process)
    step = make_job(process, released=True).steps.get()
    assert "needs a machine" in said(do(step, "start"))
    start_downtime(machine.pk, reason=make_reason(ReasonKind.DOWNTIME), actor=foreman)
    assert f"{machine} is down" in said(do(step, "start", machine=machine.pk))


def test_more_than_planned_is_refused_with_the_numbers_and_what_was_typed(do, step):
    do(step, "start")
    answer = do(step, "report", quantity_good=11)
    assert "10 planned and 0 reported; 11 more would be 1 over" in said(answer)
    assert 'value="11"' in answer.content.decode()
    assert do(step, "report", quantity_good=11, allow_over="on").status_code == 302


def test_scrap_without_a_reason_is_told_beside_the_field(do, step):
    do(step, "start")
    answer = do(step, "report", quantity_scrap=1)
    assert answer.context["form"].errors == {"scrap_reason": ["Say why it was scrapped."]}


def test_a_supervisor_acts_for_an_operator(do, step, worker):
    assert do(step, "start", user=worker.pk).status_code == 302
    assert step.logs.get().user == worker


@pytest.mark.parametrize("value", ["", "many", "-1", "99999999999999999999", "1.5", "\x00"])
def test_a_number_that_is_none_is_told_and_nothing_saved(do, step, value):
    do(step, "start")
    answer = do(step, "report", quantity_good=value)
    assert answer.status_code == 400
    step.refresh_from_db()
    assert step.quantity_good == 0


def test_a_step_form_saves_no_status_and_only_a_pending_plan(client, planner, worker):
    client.force_login(planner)
    process = make_process()
    job = make_job(process, process, actor=planner, released=True)
    first, second = job.steps.all()
    plan = {"sequence": 30, "process": process.pk, "planned_minutes": 5, "machine": ""}
    plan |= {"starts_after": "finished", "instructions": "Mind the burr", "assigned_to": ""}
    for step in (first, second):
        address = reverse("admin:jobs_jobstep_change", args=[step.pk])
        client.post(address, plan | {"status": "completed", "seen_version": step.version})
        step.refresh_from_db()
    assert (first.sequence, first.instructions, first.status) == (10, "", "ready")
    assert (second.sequence, second.instructions, second.status) == (30, "Mind the burr", "pending")


def test_a_supervisor_assigns_on_the_steps_page(client, foreman, worker, step):
    client.force_login(foreman)
    address = reverse("admin:jobs_jobstep_change", args=[step.pk])
    answer = client.post(address, {"assigned_to": worker.pk, "seen_version": step.version})
    assert answer.status_code == 302
    assert JobStep.objects.get(pk=step.pk).assigned_to == worker

    refused = client.post(address, {"assigned_to": make_user("viewer").pk})
    assert "Viewer may not work on" in refused.content.decode()


def test_a_job_forms_inline_adds_and_moves_steps(client, planner):
    client.force_login(planner)
    process = make_process()
    job = make_job(process, actor=planner)
    step = job.steps.get()
    page = client.get(reverse("admin:jobs_job_change", args=[job.pk]))
    initial = page.context["adminform"].form.initial
    data = {name: "" if value is None else value for name, value in initial.items()}
    data |= {"seen_version": job.version, "steps-TOTAL_FORMS": 2, "steps-INITIAL_FORMS": 1}
    rows = [
        {"id": step.pk, "sequence": 20, "seen_version": step.version},
        {"id": "", "sequence": 5, "seen_version": ""},
    ]
    for n, row in enumerate(rows):
        row |= {"job": job.pk, "process": process.pk, "machine": "", "planned_minutes": 1}
        row |= {"starts_after": "finished", "instructions": ""}
        data |= {f"steps-{n}-{name}": value for name, value in row.items()}

    answer = client.post(reverse("admin:jobs_job_change", args=[job.pk]), data)

    assert answer.status_code == 302, answer.context["errors"]
    assert list(job.steps.values_list("sequence", flat=True)) == [5, 20]
    job.refresh_from_db()
    assert job.steps_total == 2


def test_a_step_nobody_may_see_is_not_there(client, step):
    client.force_login(make_user("operator"))
    address = reverse("admin:jobs_jobstep_do", args=[step.pk, "start"])
    assert client.get(address).status_code == 302  # To the sign-in: no office access.
    client.force_login(make_user("viewer"))
    assert client.get(reverse("admin:jobs_jobstep_do", args=[10**9, "start"])).status_code == 404
    assert (
        client.get(reverse("admin:jobs_jobstep_do", args=[step.pk, "explode"])).status_code == 404
    )
