"""What a supervisor does to a step that waits: moves it, makes it urgent, as it was seen."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.core.errors import Invalid, Stale
from apps.jobs import services
from apps.jobs.errors import IllegalTransition, ProcessNotPermitted
from apps.jobs.models import JobStep
from apps.jobs.states import Priority
from apps.machines.errors import MachineUnavailable
from tests.factories import make_job, make_machine, make_process, make_step, make_user, permit

pytestmark = pytest.mark.django_db


@pytest.fixture
def milling(supervisor):
    process = make_process(name="Milling", needs_machine=True)
    permit(supervisor, process, "can_supervise")
    return process


def ready(process, **fields) -> JobStep:
    return make_job(process, released=True, **fields).steps.get()


def test_a_step_is_planned_for_another_machine_and_for_any(milling, supervisor):
    machine = make_machine(milling)
    step = ready(milling)

    services.move_step(step.pk, machine.pk, actor=supervisor)
    step.refresh_from_db()
    assert (step.machine, step.status) == (machine, "ready")

    services.move_step(step.pk, None, actor=supervisor)
    step.refresh_from_db()
    assert step.machine is None


def test_a_step_is_planned_for_no_machine_that_cannot_do_it(milling, supervisor):
    step = ready(milling)
    for machine in (make_machine(), make_machine(milling, is_active=False)):
        with pytest.raises(MachineUnavailable, match="cannot do Milling"):
            services.move_step(step.pk, machine.pk, actor=supervisor)
    with pytest.raises(Invalid, match="no such machine"):
        services.move_step(step.pk, 10**9, actor=supervisor)


def test_a_step_that_runs_is_not_moved_under_the_hands_of_who_works_on_it(milling, supervisor):
    machine, other = make_machine(milling), make_machine(milling)
    step = ready(milling)
    services.start_step(step.pk, actor=supervisor, machine_id=machine.pk)

    with pytest.raises(IllegalTransition, match="in progress; it cannot be moved"):
        services.move_step(step.pk, other.pk, actor=supervisor)


def test_a_steps_priority_is_its_jobs_and_so_of_all_its_steps(milling, supervisor):
    job = make_job(milling, make_process(), released=True)
    first = job.steps.order_by("sequence")[0]

    services.prioritise_step(first.pk, Priority.URGENT, actor=supervisor)

    job.refresh_from_db()
    assert job.priority == Priority.URGENT
    assert set(job.steps.values_list("priority", flat=True)) == {Priority.URGENT}


@pytest.mark.parametrize(
    "change",
    [
        lambda step, user: services.move_step(step.pk, None, actor=user),
        lambda step, user: services.prioritise_step(step.pk, Priority.HIGH, actor=user),
        lambda step, user: services.require_glimpse(step.pk, "", actor=user),
    ],
)
def test_who_does_not_supervise_the_process_changes_nothing(change, operator, milling):
    permit(operator, milling)
    step = ready(milling)

    with pytest.raises(ProcessNotPermitted), transaction.atomic():
        change(step, operator)


@pytest.mark.parametrize(
    "change",
    [
        lambda step, user: services.move_step(step.pk, None, actor=user),
        lambda step, user: services.prioritise_step(step.pk, Priority.HIGH, actor=user),
    ],
)
def test_nothing_of_a_held_job_is_changed_on_the_floor(change, planner, milling, supervisor):
    step = ready(milling)
    services.hold_job(step.job_id, actor=planner)

    with pytest.raises(IllegalTransition, match="on hold"):
        change(step, supervisor)


@pytest.mark.parametrize(
    "change",
    [
        lambda step, user: services.assign_step(step.pk, user, actor=user),
        lambda step, user: services.start_step(step.pk, actor=user),
        lambda step, user: services.prioritise_step(step.pk, Priority.HIGH, actor=user),
        lambda step, user: services.move_step(step.pk, make_machine(step.process).pk, actor=user),
    ],
)
def test_a_step_that_changed_since_it_was_seen_is_stale(change, supervisor):
    process = make_process()
    permit(supervisor, process, "can_supervise")
    step = ready(process)
    seen = services.glimpse_of(step)

    with transaction.atomic():
        assert services.require_glimpse(step.pk, seen, actor=supervisor) == step
    change(step, supervisor)

    with pytest.raises(Stale, match="changed meanwhile"), transaction.atomic():
        services.require_glimpse(step.pk, seen, actor=supervisor)


def test_a_move_and_a_priority_cost_the_same_whatever_the_job(milling, supervisor, assert_flat):
    machine = make_machine(milling)
    step = ready(milling)

    def grow(rows: int) -> None:
        for _ in range(rows):
            services.add_step(
                JobStep(job=step.job, sequence=20, process=milling), actor=make_user("planner")
            )

    def work() -> None:
        services.move_step(step.pk, machine.pk, actor=supervisor)
        services.prioritise_step(step.pk, Priority.HIGH, actor=supervisor)
        services.move_step(step.pk, None, actor=supervisor)

    assert_flat(grow=grow, work=work)
    with CaptureQueriesContext(connection) as captured:
        services.prioritise_step(step.pk, Priority.LOW, actor=supervisor)
    assert len([q for q in captured if "SAVEPOINT" not in q["sql"]]) == 4


def test_a_step_by_hand_may_be_unassigned_still(supervisor):
    step = make_step()
    permit(supervisor, step.process, "can_supervise")
    services.assign_step(step.pk, supervisor, actor=supervisor)

    assert services.assign_step(step.pk, None, actor=supervisor).assigned_to is None
