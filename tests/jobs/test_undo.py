"""Taking back a report, a pause, a resumption: nothing of it is left but in the trail."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.audit.models import AuditLog
from apps.jobs import services
from apps.jobs.errors import IllegalTransition, NothingToUndo
from apps.jobs.models import JobStep, WorkLog
from apps.jobs.services import Report
from apps.jobs.services.undo import UNDO_WITHIN
from apps.jobs.states import StartsAfter, StepStatus
from apps.machines.errors import MachineUnavailable
from apps.machines.services import start_downtime
from apps.machines.states import ReasonKind
from tests.factories import make_job, make_machine, make_process, make_reason, make_user, permit

pytestmark = pytest.mark.django_db

COUNTED = ("quantity_good", "quantity_scrap", "quantity_rework")
SAID = ("report", "pause", "complete")


@pytest.fixture
def process():
    return make_process()


@pytest.fixture
def job(process, planner):
    return make_job(process, process, actor=planner, released=True)


@pytest.fixture
def worker(operator, process):
    permit(operator, process)
    return operator


@pytest.fixture
def step(job, worker):
    """A step at which the worker has reported three good pieces."""
    step = services.start_step(job.steps.first().pk, actor=worker)
    return services.report_step(step.pk, Report(good=3), actor=worker)


def say(deed, step, report, actor):
    return getattr(services, f"{deed}_step")(step.pk, report, actor=actor)


def rows(step):
    """The step, its logs and its job's counts, as they are stored."""
    step = JobStep.objects.select_related("job").get(pk=step.pk)
    columns = ("status", "assigned_to_id", "machine_id", "started_at", "completed_at", *COUNTED)
    logs = step.logs.order_by("pk").values("user", "kind", "ended_at", "scrap_reason", *COUNTED)
    return (
        [getattr(step, column) for column in columns],
        [*logs],
        (step.job.status, step.job.steps_total, step.job.steps_done),
        [*step.job.steps.values_list("status", flat=True)],
    )


@pytest.mark.parametrize("deed", SAID)
def test_what_was_said_is_taken_back_whole(step, worker, deed):
    before = rows(step)
    say(deed, step, Report(good=4, scrap=2, rework=1, scrap_reason=make_reason()), worker)
    assert rows(step) != before

    services.undo_step(step.pk, actor=worker)

    assert rows(step) == before


@pytest.mark.parametrize("deed", SAID)
def test_the_trail_shows_that_it_was_said_and_taken_back(step, worker, deed):
    say(deed, step, Report(good=4), worker)
    services.undo_step(step.pk, actor=worker)

    changed = AuditLog.objects.filter(table="work_logs", action="update").order_by("id")
    pieces = [row.changes["quantity_good"] for row in changed if "quantity_good" in row.changes]
    assert pieces[-2:] == [[3, 7], [7, 3]]


def test_the_reason_of_scrap_reported_before_comes_back(step, worker):
    first, second = make_reason(), make_reason()
    services.report_step(step.pk, Report(scrap=1, scrap_reason=first), actor=worker)
    services.report_step(step.pk, Report(scrap=1, scrap_reason=second), actor=worker)

    services.undo_step(step.pk, actor=worker)

    assert WorkLog.objects.get().scrap_reason == first


def test_a_pause_among_others_takes_one_back_to_them(step, worker):
    friend = make_user("operator")
    services.start_step(step.pk, actor=friend, join=True)
    services.pause_step(step.pk, Report(good=1), actor=worker)

    undone = services.undo_step(step.pk, actor=worker)

    assert (undone.status, undone.quantity_good) == (StepStatus.IN_PROGRESS, 3)
    assert {log.user for log in undone.logs.open()} == {worker, friend}


@pytest.mark.parametrize("deed", SAID)
def test_only_who_said_it_takes_it_back(step, worker, deed):
    friend = make_user("operator")
    services.start_step(step.pk, actor=friend, join=True)
    say(deed, step, Report(good=1), worker)

    with pytest.raises(NothingToUndo, match="nothing of yours"):
        services.undo_step(step.pk, actor=friend)


@pytest.mark.parametrize("deed", SAID)
def test_ten_seconds_later_it_stands(step, worker, deed):
    said = say(deed, step, Report(good=1), worker)
    ago = timezone.now() - UNDO_WITHIN - timedelta(seconds=1)
    JobStep.objects.filter(pk=step.pk).update(undo=said.undo | {"at": ago.isoformat()})

    with pytest.raises(NothingToUndo, match="nothing of yours"):
        services.undo_step(step.pk, actor=worker)


def test_what_another_reported_since_keeps_it(step, worker):
    friend = make_user("operator")
    services.start_step(step.pk, actor=friend, join=True)
    mine = services.report_step(step.pk, Report(good=1), actor=worker)
    services.report_step(step.pk, Report(good=2), actor=friend)

    for at in ("", mine.undo["at"]):
        with pytest.raises(NothingToUndo, match="nothing of yours"):
            services.undo_step(step.pk, actor=worker, at=at)

    assert JobStep.objects.get(pk=step.pk).quantity_good == 6


def test_an_undo_offered_before_one_went_on_takes_back_nothing(step, worker):
    first = services.report_step(step.pk, Report(good=1), actor=worker)
    last = services.report_step(step.pk, Report(good=2), actor=worker)

    with pytest.raises(NothingToUndo, match="gone on"):
        services.undo_step(step.pk, actor=worker, at=first.undo["at"])
    services.undo_step(step.pk, actor=worker, at=last.undo["at"])

    assert JobStep.objects.get(pk=step.pk).quantity_good == 4


def test_what_may_begin_with_the_first_good_piece_waits_again(job, worker):
    first, second = job.steps.all()
    JobStep.objects.filter(pk=second.pk).update(starts_after=StartsAfter.FIRST_GOOD)
    services.start_step(first.pk, actor=worker)
    services.report_step(first.pk, Report(good=1), actor=worker)
    second.refresh_from_db()
    assert second.status == StepStatus.READY

    services.undo_step(first.pk, actor=worker)

    second.refresh_from_db()
    assert second.status == StepStatus.PENDING


@pytest.mark.parametrize("deed", ["report", "pause"])
def test_the_first_good_piece_stands_once_the_next_step_has_begun_with_it(job, worker, deed):
    first, second = job.steps.all()
    JobStep.objects.filter(pk=second.pk).update(starts_after=StartsAfter.FIRST_GOOD)
    services.start_step(first.pk, actor=worker)
    say(deed, first, Report(good=1), worker)
    services.start_step(second.pk, actor=worker)

    with pytest.raises(NothingToUndo, match="has begun since"):
        services.undo_step(first.pk, actor=worker)


def test_a_later_piece_is_taken_back_though_the_next_step_has_begun(job, worker):
    first, second = job.steps.all()
    JobStep.objects.filter(pk=second.pk).update(starts_after=StartsAfter.FIRST_GOOD)
    services.start_step(first.pk, actor=worker)
    services.report_step(first.pk, Report(good=1), actor=worker)
    services.start_step(second.pk, actor=worker)
    services.report_step(first.pk, Report(good=5), actor=worker)

    assert services.undo_step(first.pk, actor=worker).quantity_good == 1


def test_a_pause_stands_while_its_machine_is_down(planner):
    process = make_process(needs_machine=True)
    machine, worker = make_machine(process), make_user("operator")
    permit(worker, process)
    step = make_job(process, actor=planner, released=True).steps.get()
    services.start_step(step.pk, actor=worker, machine_id=machine.pk)
    services.pause_step(step.pk, actor=worker)
    start_downtime(machine.pk, reason=make_reason(ReasonKind.DOWNTIME), actor=worker)

    with pytest.raises(MachineUnavailable):
        services.undo_step(step.pk, actor=worker)


def test_a_pause_taken_back_takes_its_place_on_the_machine_again(planner):
    process = make_process(needs_machine=True)
    machine, worker = make_machine(process), make_user("operator")
    permit(worker, process)
    step = make_job(process, actor=planner, released=True).steps.get()
    services.start_step(step.pk, actor=worker, machine_id=machine.pk)
    services.pause_step(step.pk, actor=worker)

    services.undo_step(step.pk, actor=worker)

    machine.refresh_from_db()
    assert (machine.status, machine.running_steps) == ("running", 1)


def test_a_pause_is_not_taken_back_on_a_job_on_hold(step, worker, planner):
    services.pause_step(step.pk, actor=worker)
    services.hold_job(step.job_id, actor=planner)

    with pytest.raises(IllegalTransition, match="on hold"):
        services.undo_step(step.pk, actor=worker)
