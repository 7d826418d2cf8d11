"""Setting up and running in turn, and going home: all of one's work put down at once."""

import pytest

from apps.core.errors import Invalid
from apps.jobs import services
from apps.jobs.errors import NotWorking, ProcessNotPermitted
from apps.jobs.models import JobStep, WorkLog
from apps.jobs.states import LogKind, StepStatus
from apps.processes.models import RoleProcessPermission
from apps.processes.selectors import process_rights
from tests.factories import make_job, make_machine, make_process, make_user, permit
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db


@pytest.fixture
def process(operator):
    process = make_process(needs_machine=True)
    permit(operator, process)
    return process


def started(process, user, machine) -> JobStep:
    step = make_job(process, released=True).steps.get()
    services.start_step(step.pk, actor=user, machine_id=machine.pk)
    return step


def test_changing_the_kind_closes_one_log_and_opens_another_on_the_same_machine(process, operator):
    machine = make_machine(process)
    step = started(process, operator, machine)

    services.change_work(step.pk, LogKind.SETUP, actor=operator)

    first, second = step.logs.order_by("pk")
    step.refresh_from_db()
    machine.refresh_from_db()
    assert (first.ended_at, second.kind, second.machine) == (second.started_at, "setup", machine)
    assert (step.status, step.undo, machine.running_steps) == ("in_progress", None, 1)
    assert_invariants()


def test_the_kind_is_changed_by_who_works_on_it_and_never_to_a_correction(process, operator):
    step = started(process, operator, make_machine(process))

    with pytest.raises(NotWorking):
        services.change_work(step.pk, LogKind.SETUP, actor=make_user("operator"))
    with pytest.raises(ProcessNotPermitted):
        services.change_work(step.pk, LogKind.SETUP, actor=make_user("viewer"))
    with pytest.raises(Invalid):
        services.change_work(step.pk, LogKind.CORRECTION, actor=operator)


def test_going_home_puts_down_all_of_mine_and_frees_the_machines(process, operator):
    friend = make_user("operator")
    one, two = make_machine(process, capacity=1), make_machine(process)
    alone, shared = started(process, operator, one), started(process, operator, two)
    theirs = started(process, friend, two)
    services.start_step(shared.pk, actor=friend, join=True)

    steps = services.pause_all(actor=operator)

    assert [step.pk for step in steps] == [alone.pk, shared.pk]
    statuses = dict(JobStep.objects.values_list("pk", "status"))
    assert statuses == {
        alone.pk: StepStatus.PAUSED,
        shared.pk: StepStatus.IN_PROGRESS,
        theirs.pk: StepStatus.IN_PROGRESS,
    }
    for machine, running in ((one, 0), (two, 2)):
        machine.refresh_from_db()
        assert machine.running_steps == running
    assert not WorkLog.objects.open().filter(user=operator).exists()
    assert services.pause_all(actor=operator) == []
    assert_invariants()


def test_two_steps_of_one_job_are_put_down_together(process, operator):
    job = make_job(process, process, released=True)
    job.steps.update(sequence=10)
    services.start_step(job.steps.first().pk, actor=operator, machine_id=make_machine(process).pk)
    second = job.steps.last()
    JobStep.objects.filter(pk=second.pk).update(status=StepStatus.READY)
    services.start_step(second.pk, actor=operator, machine_id=make_machine(process).pk)

    services.pause_all(actor=operator)

    assert set(job.steps.values_list("status", flat=True)) == {StepStatus.PAUSED}
    assert_invariants()


def test_who_lost_the_right_since_may_still_go_home(process, operator):
    step = started(process, operator, make_machine(process))
    RoleProcessPermission.objects.all().delete()
    process_rights.renew(operator.role_id)

    services.pause_all(actor=operator)

    step.refresh_from_db()
    assert step.status == StepStatus.PAUSED


def test_going_home_costs_one_statement_more_for_each_machine_freed(
    process, operator, django_assert_num_queries
):
    for _ in range(4):
        started(process, operator, make_machine(process))

    with django_assert_num_queries(7 + 4 + 2):  # A machine each, and a savepoint.
        services.pause_all(actor=operator)
