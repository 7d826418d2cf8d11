"""The life of a job, at the service."""

from datetime import date

import pytest
from django.db import connection

from apps.core.errors import Conflict, InUse, Invalid, NotPermitted
from apps.jobs import services
from apps.jobs.errors import IllegalTransition, NoSteps, NotDraft, NothingToUndo
from apps.jobs.models import MOST, Job, JobStep, WorkLog
from apps.jobs.services import Report
from apps.jobs.services.undo import UNDO_WITHIN
from apps.jobs.states import JobStatus, LogKind, Priority, StartsAfter, StepStatus
from apps.machines.errors import MachineUnavailable
from tests.factories import (
    make_customer,
    make_job,
    make_machine,
    make_part,
    make_process,
    make_reason,
    make_routing,
    make_user,
    permit,
)

pytestmark = pytest.mark.django_db

ACTIONS = ("release", "hold", "resume", "complete", "cancel", "reopen")


@pytest.fixture
def process():
    return make_process()


@pytest.fixture
def job(process, planner):
    """An active job of two steps, the first ready."""
    return make_job(process, process, actor=planner, released=True)


@pytest.fixture
def worker(operator, process):
    permit(operator, process)
    return operator


@pytest.fixture
def foreman(supervisor, process):
    permit(supervisor, process, "can_supervise")
    return supervisor


def finish(step, worker, good=10):
    services.start_step(step.pk, actor=worker)
    return services.complete_step(step.pk, Report(good=good), actor=worker)


def statuses(job):
    return list(job.steps.values_list("status", flat=True))


def test_a_new_job_is_a_draft_with_the_steps_of_its_routing(planner, process):
    part = make_part(name="Bracket")
    routing = make_routing(process, process, part=part)
    routing.steps.filter(sequence=20).update(starts_after=StartsAfter.FIRST_GOOD)

    job = services.create_job(
        Job(customer=make_customer(), routing=routing, quantity=7, priority=Priority.URGENT),
        actor=planner,
    )

    assert (job.status, job.part, job.title, job.steps_total) == (
        JobStatus.DRAFT,
        part,
        "Bracket",
        2,
    )
    assert job.number.startswith("JOB-")
    first, second = job.steps.all()
    assert (first.planned_minutes, first.quantity_planned) == (21, 7)  # 10 + ceil(1.5 × 7)
    assert second.starts_after == StartsAfter.FIRST_GOOD
    assert {step.priority for step in (first, second)} == {Priority.URGENT}


def test_numbers_have_six_digits_and_grow_past_a_million(as_tables_owner, db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval('job_number_seq', 999998), next_job_number(), next_job_number()"
        )
        _, before, after = cursor.fetchone()
    assert (before, after) == ("JOB-999999", "JOB-1000000")


def test_releasing_readies_the_first_steps(job):
    job.refresh_from_db()
    assert job.status == JobStatus.ACTIVE
    assert job.released_at is not None
    assert statuses(job) == [StepStatus.READY, StepStatus.PENDING]


def test_a_job_without_steps_is_not_released(planner):
    job = services.create_job(Job(customer=make_customer(), quantity=1), actor=planner)

    with pytest.raises(NoSteps):
        services.release_job(job.pk, actor=planner)


@pytest.mark.parametrize("action", ACTIONS)
def test_each_action_needs_its_permission(job, action):
    with pytest.raises(NotPermitted):
        getattr(services, f"{action}_job")(job.pk, actor=make_user("operator"))


def test_a_hold_pauses_what_runs_and_resuming_starts_nothing(job, worker, planner):
    step = services.start_step(job.steps.first().pk, actor=worker)

    services.hold_job(job.pk, actor=planner)
    assert statuses(job) == [StepStatus.PAUSED, StepStatus.PENDING]
    assert step.logs.get().ended_at is not None

    services.resume_job(job.pk, actor=planner)
    assert statuses(job) == [StepStatus.PAUSED, StepStatus.PENDING]


def test_cancelling_cancels_what_is_open_and_closes_logs(job, worker, planner):
    step = services.start_step(job.steps.first().pk, actor=worker)

    cancelled = services.cancel_job(job.pk, actor=planner)

    assert (cancelled.status, cancelled.steps_total) == (JobStatus.CANCELLED, 0)
    assert set(statuses(job)) == {StepStatus.CANCELLED}
    assert not step.logs.open().exists()


def test_completing_by_hand_needs_every_step_final(job, worker, planner):
    with pytest.raises(IllegalTransition, match="2 of 2 steps left"):
        services.complete_job(job.pk, actor=planner)

    for step in job.steps.all():
        finish(step, worker)
    services.reopen_job(job.pk, actor=planner)
    assert services.complete_job(job.pk, actor=planner).status == JobStatus.COMPLETED


def test_reopening_keeps_the_steps_and_lets_one_be_added(job, worker, planner, process):
    for step in job.steps.all():
        finish(step, worker)

    services.reopen_job(job.pk, actor=planner)
    services.add_step(JobStep(job=job, sequence=30, process=process), actor=planner)

    job.refresh_from_db()
    assert (job.status, job.completed_at, job.steps_done, job.steps_total) == (
        JobStatus.ACTIVE,
        None,
        2,
        3,
    )
    assert statuses(job)[-1] == StepStatus.READY


@pytest.mark.parametrize(
    ("state", "illegal"),
    [
        ("draft", ("hold", "resume", "complete", "reopen")),
        ("active", ("release", "resume", "reopen")),
        ("on_hold", ("release", "hold", "complete", "reopen")),
        ("completed", ("release", "hold", "resume", "complete", "cancel")),
        ("cancelled", ACTIONS),
    ],
)
def test_every_other_action_is_refused_in_each_state(process, planner, worker, state, illegal):
    job = make_job(process, actor=planner, released=state != "draft")
    if state == "on_hold":
        services.hold_job(job.pk, actor=planner)
    elif state == "completed":
        finish(job.steps.get(), worker)
    elif state == "cancelled":
        services.cancel_job(job.pk, actor=planner)

    for action in illegal:
        with pytest.raises(IllegalTransition):
            getattr(services, f"{action}_job")(job.pk, actor=planner)
    job.refresh_from_db()
    assert job.status == state


def test_after_release_only_dates_priority_title_and_notes_change(job, planner):
    job.quantity = 99
    with pytest.raises(NotDraft) as refusal:
        services.save_job(job, actor=planner, fields=["quantity"])
    assert refusal.value.field == "quantity"

    job.due_date, job.priority = date(2030, 1, 2), Priority.URGENT
    services.save_job(job, actor=planner, fields=["due_date", "priority"])
    stored = Job.objects.get(pk=job.pk)
    assert (stored.due_date, stored.quantity, stored.status) == (date(2030, 1, 2), 10, "active")
    assert set(job.steps.values_list("due_date", "priority")) == {(date(2030, 1, 2), 3)}


def test_a_draft_is_planned_again_for_another_quantity_and_routing(process, planner):
    job = make_job(process, process, actor=planner)
    job.quantity = 100
    services.save_job(job, actor=planner, fields=["quantity"])
    assert set(job.steps.values_list("quantity_planned", "planned_minutes")) == {(100, 160)}

    job.routing = make_routing(process)
    services.save_job(job, actor=planner, fields=["routing"])
    assert job.steps.count() == 1
    assert Job.objects.get(pk=job.pk).steps_total == 1


def test_new_steps_are_those_of_the_job_as_it_is_and_not_as_the_form_found_it(process, planner):
    stale = make_job(process, actor=planner)
    job = Job.objects.get(pk=stale.pk)
    job.priority, job.quantity = Priority.URGENT, 7
    services.save_job(job, actor=planner, fields=["priority", "quantity"])

    stale.routing = make_routing(process)
    services.save_job(stale, actor=planner, fields=["routing"])

    assert list(job.steps.values_list("priority", "quantity_planned")) == [(Priority.URGENT, 7)]


def test_only_a_draft_is_deleted(job, process, planner):
    draft = make_job(process, actor=planner)
    services.delete_job(draft.pk, actor=planner)
    assert not Job.objects.filter(pk=draft.pk).exists()

    with pytest.raises(NotDraft, match="cancel it instead"):
        services.delete_job(job.pk, actor=planner)


def test_steps_may_be_added_after_release_and_pending_ones_moved(job, planner, process):
    services.add_step(JobStep(job=job, sequence=5, process=process), actor=planner)
    assert statuses(job) == [StepStatus.READY, StepStatus.PENDING, StepStatus.PENDING]

    last = job.steps.last()
    last.sequence = 5
    services.save_step(last, actor=planner, fields=["sequence"])
    assert statuses(job) == [StepStatus.READY, StepStatus.READY, StepStatus.PENDING]

    ready = job.steps.first()
    with pytest.raises(IllegalTransition, match="only pending steps"):
        services.save_step(ready, actor=planner, fields=["sequence"])
    with pytest.raises(NotDraft):
        services.delete_step(ready.pk, actor=planner)


def test_skipping_readies_the_next_and_completes_with_the_last(job, foreman, worker):
    first, second = job.steps.all()
    with pytest.raises(NotPermitted, match="skip"):
        services.skip_step(first.pk, actor=worker)

    services.skip_step(first.pk, actor=foreman)
    assert statuses(job) == [StepStatus.SKIPPED, StepStatus.READY]
    services.skip_step(second.pk, actor=foreman)
    job.refresh_from_db()
    assert job.status == JobStatus.COMPLETED


def test_a_running_or_finished_step_is_not_skipped(job, foreman, worker):
    step = job.steps.first()
    services.start_step(step.pk, actor=worker)
    with pytest.raises(IllegalTransition):
        services.skip_step(step.pk, actor=foreman)
    services.complete_step(step.pk, actor=worker)
    with pytest.raises(IllegalTransition):
        services.skip_step(step.pk, actor=foreman)


def test_undoing_a_start_leaves_no_trace(job, worker):
    step = services.start_step(job.steps.first().pk, actor=worker)

    undone = services.undo_step(step.pk, actor=worker)

    assert (undone.status, undone.assigned_to, undone.started_at) == (StepStatus.READY, None, None)
    assert not step.logs.exists()


def test_undoing_a_resumption_pauses_again(job, worker):
    step = services.start_step(job.steps.first().pk, actor=worker)
    services.pause_step(step.pk, Report(good=1), actor=worker)
    services.start_step(step.pk, actor=worker)

    undone = services.undo_step(step.pk, actor=worker)

    assert (undone.status, undone.logs.count()) == (StepStatus.PAUSED, 1)


def test_undoing_a_join_leaves_the_others_at_work(job, worker):
    step = services.start_step(job.steps.first().pk, actor=worker)
    friend = make_user("operator")
    services.start_step(step.pk, actor=friend, join=True)

    undone = services.undo_step(step.pk, actor=friend)

    assert undone.status == StepStatus.IN_PROGRESS
    assert [log.user for log in undone.logs.open()] == [worker]


def test_undoing_a_completion_takes_back_quantities_and_the_jobs_completion(
    process, planner, worker
):
    job = make_job(process, actor=planner, released=True)
    step = services.start_step(job.steps.get().pk, actor=worker)
    services.report_step(step.pk, Report(good=3), actor=worker)
    services.complete_step(
        step.pk, Report(good=6, scrap=1, scrap_reason=make_reason()), actor=worker
    )

    undone = services.undo_step(step.pk, actor=worker)

    job.refresh_from_db()
    log = undone.logs.get()
    assert (undone.status, undone.quantity_good, undone.quantity_scrap) == ("in_progress", 3, 0)
    assert (log.ended_at, log.quantity_good, log.scrap_reason) == (None, 3, None)
    assert (job.status, job.steps_done) == (JobStatus.ACTIVE, 0)


def test_undoing_a_start_ends_with_ten_seconds_with_another_user_and_with_the_next_report(
    job, worker
):
    step = services.start_step(job.steps.first().pk, actor=worker)
    with pytest.raises(NothingToUndo):
        services.undo_step(step.pk, actor=make_user("operator"))

    late = step.undo | {"at": (step.started_at - UNDO_WITHIN * 2).isoformat()}
    JobStep.objects.filter(pk=step.pk).update(undo=late)
    with pytest.raises(NothingToUndo):
        services.undo_step(step.pk, actor=worker)

    JobStep.objects.filter(pk=step.pk).update(undo=step.undo)
    services.report_step(step.pk, Report(good=1), actor=worker)
    with pytest.raises(NothingToUndo, match="gone on"):
        services.undo_step(step.pk, actor=worker, at=step.undo["at"])


def test_a_completion_is_not_undone_once_the_next_step_has_begun(job, worker):
    first, second = job.steps.all()
    finish(first, worker)
    services.start_step(second.pk, actor=worker)

    with pytest.raises(NothingToUndo, match="has begun since"):
        services.undo_step(first.pk, actor=worker)


def test_reopening_a_step_waits_as_paused_and_sends_the_next_back(job, worker, foreman):
    first = job.steps.first()
    finish(first, worker)
    with pytest.raises(NotPermitted):
        services.reopen_step(first.pk, actor=worker)

    reopened = services.reopen_step(first.pk, actor=foreman)

    assert (reopened.status, reopened.completed_at) == (StepStatus.PAUSED, None)
    assert statuses(job) == [StepStatus.PAUSED, StepStatus.PENDING]


def test_reopening_the_last_step_reopens_its_job(job, worker, foreman):
    for step in job.steps.all():
        finish(step, worker)

    services.reopen_step(job.steps.last().pk, actor=foreman)

    job.refresh_from_db()
    assert (job.status, job.steps_done) == (JobStatus.ACTIVE, 1)


def test_a_step_is_not_reopened_once_one_after_it_has_begun(job, worker, foreman):
    first, second = job.steps.all()
    finish(first, worker)
    services.start_step(second.pk, actor=worker)

    with pytest.raises(IllegalTransition, match="has begun"):
        services.reopen_step(first.pk, actor=foreman)


def test_only_a_completed_step_is_reopened(job, worker, foreman):
    ready, pending = job.steps.all()
    for step in (ready, pending):
        with pytest.raises(IllegalTransition, match="only completed steps"):
            services.reopen_step(step.pk, actor=foreman)

    services.start_step(ready.pk, actor=worker)
    services.pause_step(ready.pk, actor=worker)
    with pytest.raises(IllegalTransition, match="is paused"):
        services.reopen_step(ready.pk, actor=foreman)
    assert statuses(job) == [StepStatus.PAUSED, StepStatus.PENDING]


def test_a_start_that_is_undone_waits_for_a_step_added_before_it(job, worker, planner, process):
    step = services.start_step(job.steps.first().pk, actor=worker)
    services.add_step(JobStep(job=job, sequence=5, process=process), actor=planner)

    assert services.undo_step(step.pk, actor=worker).status == StepStatus.PENDING
    assert statuses(job) == [StepStatus.READY, StepStatus.PENDING, StepStatus.PENDING]


def test_a_correction_is_a_log_of_its_own_after_completion_too(job, worker, foreman):
    step = finish(job.steps.first(), worker)
    reason = make_reason()

    corrected = services.correct_step(
        step.pk, actor=foreman, good=-2, scrap=2, scrap_reason=reason, note="Cracked", user=worker
    )

    assert (corrected.quantity_good, corrected.quantity_scrap) == (8, 2)
    log = corrected.logs.get(kind=LogKind.CORRECTION)
    assert (log.quantity_good, log.user, log.note) == (-2, worker, "Cracked")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"good": -11, "note": "x"}, "quantity_good"),
        ({"good": 1, "note": " "}, "note"),
        ({"note": "x"}, "quantity_good"),
        ({"scrap": 1, "note": "x"}, "scrap_reason"),
    ],
)
def test_a_wrong_correction_names_the_field(job, worker, foreman, change, field):
    step = finish(job.steps.first(), worker)

    with pytest.raises(Exception) as refusal:  # noqa: PT011 - its field is what is asserted
        services.correct_step(step.pk, actor=foreman, **change)

    assert refusal.value.field == field
    assert not WorkLog.objects.filter(kind=LogKind.CORRECTION).exists()


def test_correcting_needs_supervision(job, worker):
    step = finish(job.steps.first(), worker)
    with pytest.raises(NotPermitted, match="correct"):
        services.correct_step(step.pk, actor=worker, good=1, note="x")


def test_help_is_called_and_answered_once(job, worker, supervisor):
    call = services.raise_help(actor=worker, step_id=job.steps.first().pk, note="Burr")
    with pytest.raises(NotPermitted):
        services.answer_help(call.pk, actor=worker)

    answered = services.answer_help(call.pk, actor=supervisor)
    assert answered.answered_by == supervisor
    with pytest.raises(Conflict):
        services.answer_help(call.pk, actor=supervisor)


@pytest.fixture
def full(process, planner, worker):
    """A step completed on a machine of capacity 1, which another step has taken since."""
    machine = make_machine(process, capacity=1)
    first, second = (make_job(process, actor=planner, released=True).steps.get() for _ in range(2))
    services.start_step(first.pk, actor=worker, machine_id=machine.pk)
    services.complete_step(first.pk, actor=worker)
    services.start_step(second.pk, actor=worker, machine_id=machine.pk)
    return first, machine


def test_reopening_takes_no_place_on_a_full_machine(full, foreman):
    step, machine = full
    assert services.reopen_step(step.pk, actor=foreman).status == StepStatus.PAUSED
    machine.refresh_from_db()
    assert machine.running_steps == 1


def test_a_completion_is_not_undone_onto_a_full_machine(full, worker):
    step, _ = full
    with pytest.raises(MachineUnavailable, match="is full"):
        services.undo_step(step.pk, actor=worker)


def test_sums_stay_within_what_can_be(job, worker):
    step = services.start_step(job.steps.first().pk, actor=worker)
    services.report_step(step.pk, Report(good=MOST, allow_over=True), actor=worker)
    with pytest.raises(Invalid, match="between 0 and"):
        services.report_step(step.pk, Report(good=1, allow_over=True), actor=worker)


def test_a_routing_is_deleted_with_its_steps_unless_a_job_came_from_it(job, planner):
    unused = make_routing(make_process())
    services.delete_routing(unused, actor=planner)
    assert not type(unused).objects.filter(pk=unused.pk).exists()

    with pytest.raises(InUse):
        services.delete_routing(job.routing, actor=planner)
    assert job.routing.steps.count() == 2


def test_nobody_calls_for_help_at_a_draft(operator):
    with pytest.raises(IllegalTransition, match="not on the floor yet"):
        services.raise_help(actor=operator, step_id=make_job().steps.get().pk)
