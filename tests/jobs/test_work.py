"""The rules of working on steps, at the service."""

import pytest

from apps.core.errors import Invalid, Stale
from apps.jobs import services
from apps.jobs.errors import (
    AlreadyStarted,
    AssignedElsewhere,
    IllegalTransition,
    MachineRequired,
    NotWorking,
    OverQuantity,
    ProcessNotPermitted,
    ScrapWithoutReason,
)
from apps.jobs.models import JobStep
from apps.jobs.policies import may_work
from apps.jobs.services import Report
from apps.jobs.states import JobStatus, LogKind, StartsAfter, StepStatus
from apps.machines.errors import MachineUnavailable, WrongReason
from apps.machines.models import Machine
from apps.machines.services import end_downtime, start_downtime
from apps.machines.states import MachineStatus, ReasonKind
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
def step(operator):
    step = make_step()
    permit(operator, step.process)
    return step


@pytest.fixture
def other(step):
    return make_user("operator")


@pytest.fixture
def machined(operator):
    """A ready step on a machine with capacity 1, that the operator may work."""
    process = make_process(needs_machine=True)
    permit(operator, process)
    machine = make_machine(process, capacity=1)
    step = make_step_on(process, machine)
    return step, machine


def make_step_on(process, machine):
    step = make_job(process, released=True).steps.get()
    JobStep.objects.filter(pk=step.pk).update(machine=machine)
    step.refresh_from_db()
    return step


def running(machine):
    return Machine.objects.get(pk=machine.pk)


def test_starting_opens_a_log_and_assigns_an_unassigned_step(step, operator):
    started = services.start_step(step.pk, actor=operator, kind=LogKind.SETUP)

    log = started.logs.get()
    assert (started.status, started.assigned_to) == (StepStatus.IN_PROGRESS, operator)
    assert (log.user, log.kind, log.ended_at) == (operator, LogKind.SETUP, None)
    assert started.started_at == log.started_at


def test_a_step_starts_only_when_its_turn_has_come(operator):
    process = make_process()
    permit(operator, process)
    second = make_job(process, process, released=True).steps.last()

    with pytest.raises(IllegalTransition, match=r"pending; it cannot be started\. It waits"):
        services.start_step(second.pk, actor=operator)


def test_a_step_starts_only_in_an_active_job(step, operator, planner):
    services.hold_job(step.job_id, actor=planner)

    with pytest.raises(IllegalTransition, match="is on hold"):
        services.start_step(step.pk, actor=operator)


def test_starting_needs_the_right_to_execute_the_process(step):
    planner = make_user("planner")

    with pytest.raises(ProcessNotPermitted) as refusal:
        services.start_step(step.pk, actor=planner)

    assert refusal.value.details == {"process": step.process.name, "role": "Planner"}
    assert refusal.value.status == 403


@pytest.mark.parametrize("verb", ["report", "pause", "complete"])
def test_reporting_needs_the_right_to_execute_the_process(step, operator, verb):
    services.start_step(step.pk, actor=operator)
    act = getattr(services, f"{verb}_step")

    with pytest.raises(ProcessNotPermitted):
        act(step.pk, Report(good=1), actor=make_user("planner"))


def test_a_step_assigned_to_someone_else_is_not_started_by_accident(step, operator, other, manager):
    services.assign_step(step.pk, other, actor=manager)

    with pytest.raises(AssignedElsewhere, match=str(other)):
        services.start_step(step.pk, actor=operator)

    taken = services.start_step(step.pk, actor=operator, take_over=True)
    assert taken.assigned_to == operator
    assert taken.logs.get().note == f"Taken over from {other}."


def test_who_has_left_is_given_no_work_and_what_they_had_is_finished(step, operator, manager):
    services.start_step(step.pk, actor=operator)
    operator.is_active = False
    operator.save(update_fields=["is_active"])
    another = make_job(step.process, released=True).steps.get()

    with pytest.raises(Invalid) as refusal:
        services.assign_step(another.pk, operator, actor=manager)
    assert refusal.value.field == "assigned_to"
    with pytest.raises(Invalid) as refusal:
        services.start_step(another.pk, actor=manager, user=operator)
    assert refusal.value.field == "user"

    report = Report(good=step.quantity_planned)
    done = services.complete_step(step.pk, report, actor=manager, user=operator)
    assert done.status == StepStatus.COMPLETED


def test_the_second_to_press_start_reads_who_has_it_and_may_join(step, operator, other):
    services.start_step(step.pk, actor=operator)

    with pytest.raises(AlreadyStarted, match=str(operator)) as refusal:
        services.start_step(step.pk, actor=other)
    assert refusal.value.details["users"] == [str(operator)]

    joined = services.start_step(step.pk, actor=other, join=True)
    assert joined.logs.open().count() == 2
    assert joined.assigned_to == operator


def test_nobody_has_two_open_logs_on_one_step(step, operator):
    services.start_step(step.pk, actor=operator)

    with pytest.raises(AlreadyStarted, match="already"):
        services.start_step(step.pk, actor=operator, join=True)


def test_a_machine_that_is_down_starts_nothing_until_it_is_back(machined, operator, supervisor):
    step, machine = machined
    reason = make_reason(ReasonKind.DOWNTIME)
    downtime = start_downtime(machine.pk, reason=reason, actor=supervisor)

    with pytest.raises(MachineUnavailable, match="is down"):
        services.start_step(step.pk, actor=operator)

    end_downtime(downtime.pk, actor=supervisor)
    services.start_step(step.pk, actor=operator)
    assert running(machine).status == MachineStatus.RUNNING


def test_an_inactive_machine_starts_nothing(machined, operator):
    step, machine = machined
    Machine.objects.filter(pk=machine.pk).update(is_active=False)

    with pytest.raises(MachineUnavailable, match="no longer in use"):
        services.start_step(step.pk, actor=operator)


def test_a_machine_starts_only_what_it_can_do(machined, operator):
    step, machine = machined
    machine.processes.clear()

    with pytest.raises(MachineUnavailable, match=f"cannot do {step.process}"):
        services.start_step(step.pk, actor=operator)


def test_a_full_machine_says_which_step_holds_it(machined, operator):
    step, machine = machined
    services.start_step(step.pk, actor=operator)
    second = make_step_on(step.process, machine)

    with pytest.raises(MachineUnavailable, match=str(step.job)):
        services.start_step(second.pk, actor=operator)
    assert running(machine).running_steps == 1


def test_a_process_that_needs_a_machine_asks_for_one(operator):
    process = make_process(needs_machine=True)
    permit(operator, process)
    step = make_job(process, released=True).steps.get()

    with pytest.raises(MachineRequired) as refusal:
        services.start_step(step.pk, actor=operator)
    assert refusal.value.field == "machine"

    machine = make_machine(process)
    assert (
        services.start_step(step.pk, actor=operator, machine_id=machine.pk).machine_id == machine.pk
    )


def test_reports_add_up_in_the_step_and_in_the_log(step, operator):
    services.start_step(step.pk, actor=operator)
    reason = make_reason()

    services.report_step(step.pk, Report(good=2), actor=operator)
    services.report_step(
        step.pk, Report(good=1, scrap=1, scrap_reason=reason, rework=1), actor=operator
    )

    step.refresh_from_db()
    log = step.logs.get()
    assert (step.quantity_good, step.quantity_scrap, step.quantity_rework) == (3, 1, 1)
    assert (log.quantity_good, log.quantity_scrap, log.quantity_rework) == (3, 1, 1)
    assert (step.status, log.scrap_reason) == (StepStatus.IN_PROGRESS, reason)


def test_more_than_planned_is_refused_with_the_numbers_unless_allowed(step, operator):
    services.start_step(step.pk, actor=operator)
    services.report_step(step.pk, Report(good=8), actor=operator)

    with pytest.raises(OverQuantity) as refusal:
        services.report_step(step.pk, Report(good=3), actor=operator)
    assert refusal.value.details == {"planned": 10, "reported": 8, "given": 3}

    services.report_step(step.pk, Report(good=3, allow_over=True), actor=operator)
    step.refresh_from_db()
    assert step.quantity_good == 11


def test_scrap_needs_a_reason_for_scrap(step, operator):
    services.start_step(step.pk, actor=operator)

    with pytest.raises(ScrapWithoutReason) as refusal:
        services.report_step(step.pk, Report(scrap=1), actor=operator)
    assert (refusal.value.status, refusal.value.field) == (400, "scrap_reason")

    downtime = make_reason(ReasonKind.DOWNTIME)
    with pytest.raises(WrongReason):
        services.report_step(step.pk, Report(scrap=1, scrap_reason=downtime), actor=operator)


@pytest.mark.parametrize("pieces", [-1, 10_000_001])
def test_quantities_are_believable(step, operator, pieces):
    services.start_step(step.pk, actor=operator)

    with pytest.raises(Invalid) as refusal:
        services.report_step(step.pk, Report(rework=pieces), actor=operator)
    assert refusal.value.field == "quantity_rework"


def test_a_stale_version_is_refused_with_the_present_one(step, operator):
    JobStep.objects.filter(pk=step.pk).update(instructions="Deburr first")

    with pytest.raises(Stale) as refusal:
        services.start_step(step.pk, actor=operator, version=step.version)
    assert (refusal.value.status, refusal.value.details) == (412, {"current": step.version + 1})


def test_who_does_not_work_on_a_step_cannot_report_to_it(step, operator, other):
    services.start_step(step.pk, actor=operator)

    with pytest.raises(NotWorking, match="Join it first"):
        services.report_step(step.pk, Report(good=1), actor=other)


def test_a_step_pauses_when_the_last_one_leaves_and_goes_on_when_one_returns(step, operator, other):
    services.start_step(step.pk, actor=operator)
    services.start_step(step.pk, actor=other, join=True)

    assert (
        services.pause_step(step.pk, Report(good=1), actor=operator).status
        == StepStatus.IN_PROGRESS
    )
    assert services.pause_step(step.pk, actor=other).status == StepStatus.PAUSED

    resumed = services.start_step(step.pk, actor=other)
    assert (resumed.status, resumed.assigned_to, resumed.quantity_good) == (
        StepStatus.IN_PROGRESS,
        other,
        1,
    )


def test_completing_closes_every_log_and_readies_what_waits(operator):
    process = make_process()
    permit(operator, process)
    helper = make_user("operator")
    job = make_job(process, process, released=True)
    first, second = job.steps.all()
    services.start_step(first.pk, actor=operator)
    services.start_step(first.pk, actor=helper, join=True)

    services.complete_step(first.pk, Report(good=10), actor=operator)

    first.refresh_from_db()
    second.refresh_from_db()
    job.refresh_from_db()
    assert (first.status, second.status) == (StepStatus.COMPLETED, StepStatus.READY)
    assert not first.logs.open().exists()
    assert (job.status, job.steps_done, job.steps_total) == (JobStatus.ACTIVE, 1, 2)


def test_the_last_step_completes_the_job(step, operator):
    services.start_step(step.pk, actor=operator)
    services.complete_step(step.pk, Report(good=10), actor=operator)

    step.job.refresh_from_db()
    assert step.job.status == JobStatus.COMPLETED
    assert step.job.completed_at is not None


def test_a_step_may_begin_at_the_first_good_piece_of_the_one_before(operator):
    process = make_process()
    permit(operator, process)
    first, second = make_job(process, process, released=True).steps.all()
    JobStep.objects.filter(pk=second.pk).update(starts_after=StartsAfter.FIRST_GOOD)
    services.start_step(first.pk, actor=operator)
    services.report_step(first.pk, Report(rework=1), actor=operator)
    second.refresh_from_db()
    assert second.status == StepStatus.PENDING

    services.report_step(first.pk, Report(good=1), actor=operator)

    second.refresh_from_db()
    assert second.status == StepStatus.READY


def test_steps_that_share_a_sequence_run_side_by_side(operator, planner):
    process = make_process()
    permit(operator, process)
    job = make_job(process, process, actor=planner)
    job.steps.update(sequence=10)
    services.release_job(job.pk, actor=planner)

    for step in job.steps.all():
        services.start_step(step.pk, actor=operator)
    assert set(job.steps.values_list("status", flat=True)) == {StepStatus.IN_PROGRESS}


def test_a_supervisor_acts_for_another_who_is_permitted(step, operator, manager):
    services.start_step(step.pk, actor=manager, user=operator)
    services.report_step(step.pk, Report(good=4), actor=manager, user=operator)

    log = step.logs.get()
    assert (log.user, log.quantity_good) == (operator, 4)

    with pytest.raises(ProcessNotPermitted, match="Viewer"):
        services.assign_step(make_step().pk, make_user("viewer"), actor=manager)


def test_an_operator_does_not_act_for_another(step, operator, other):
    with pytest.raises(ProcessNotPermitted, match="act for others"):
        services.start_step(step.pk, actor=operator, user=other)


def test_moving_costs_a_fixed_number_of_queries(machined, operator, django_assert_num_queries):
    step, _ = machined
    operator.has_perm("jobs.view_job")
    permit(operator, step.process)
    may_work(operator, step)  # Its rights are cached from here on.

    with django_assert_num_queries(8):  # 6, and a savepoint opened and closed
        services.start_step(step.pk, actor=operator)
    with django_assert_num_queries(7):
        services.report_step(step.pk, Report(good=1), actor=operator)


def test_finishing_costs_the_same_whatever_number_of_steps_follows(
    operator, django_assert_num_queries
):
    process = make_process()
    permit(operator, process)
    operator.has_perm("jobs.view_job")
    for steps in (2, 5):
        job = make_job(*[process] * steps)
        job.steps.filter(sequence__gt=10).update(sequence=20)  # All wait for the first.
        services.release_job(job.pk, actor=make_user("planner"))
        step = services.start_step(job.steps.get(sequence=10).pk, actor=operator)
        may_work(operator, step)

        with django_assert_num_queries(7):  # 5, and a savepoint opened and closed
            services.complete_step(step.pk, actor=operator)
        assert job.steps.filter(status="ready").count() == steps - 1
