"""Real threads on real PostgreSQL: one wins, the others read why, nothing is lost."""

import pytest

from apps.jobs import services
from apps.jobs.models import Job, JobStep, WorkLog
from apps.jobs.services import Report
from apps.machines.models import Machine
from apps.machines.services import start_downtime
from apps.machines.states import ReasonKind
from tests.factories import make_machine, make_process, make_reason, make_user
from tests.races.racing import ROUNDS
from tests.races.scenes import make_jobs, make_workers

pytestmark = [pytest.mark.race, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def process(committed):
    return make_process()


def test_two_who_press_start_at_once(race, process):
    ann, bob = make_workers(process, 2)

    for step in race.rounds(job.steps.get() for job in make_jobs(process)):
        ended = race.at_once(
            lambda step=step: services.start_step(step.pk, actor=ann),
            lambda step=step: services.start_step(step.pk, actor=bob),
        )
        assert ended == {"done": 1, "already_started": 1}
        assert step.logs.get().user == JobStep.objects.get(pk=step.pk).assigned_to


def test_one_who_presses_start_twice(race, process):
    (ann,) = make_workers(process, 1)

    for step in race.rounds(job.steps.get() for job in make_jobs(process)):
        start = lambda step=step: services.start_step(step.pk, actor=ann, join=True)  # noqa: E731
        assert race.at_once(start, start) == {"done": 1, "already_started": 1}
        assert step.logs.count() == 1


def test_two_steps_that_want_the_last_place_of_a_machine(race):
    process = make_process(needs_machine=True)
    machine = make_machine(process, capacity=1)
    ann, bob = make_workers(process, 2)
    jobs = iter(make_jobs(process, 2 * ROUNDS))

    for one, two in race.rounds(
        (a.steps.get(), b.steps.get()) for a, b in zip(jobs, jobs, strict=True)
    ):
        ended = race.at_once(
            lambda one=one: services.start_step(one.pk, actor=ann, machine_id=machine.pk),
            lambda two=two: services.start_step(two.pk, actor=bob, machine_id=machine.pk),
        )
        assert ended == {"done": 1, "machine_unavailable": 1}
        running = JobStep.objects.get(status="in_progress")
        assert Machine.objects.get().running_steps == 1
        services.complete_step(running.pk, actor=running.assigned_to)  # Its place is free again.


@pytest.mark.parametrize("number", [2, 4])
def test_reports_at_once_lose_no_piece(race, process, number):
    users = make_workers(process, number)
    reason = make_reason()
    report = Report(good=1, scrap=1, scrap_reason=reason)

    for step in race.rounds(job.steps.get() for job in make_jobs(process)):
        for user in users:
            services.start_step(step.pk, actor=user, join=True)
        ended = race.at_once(
            *(
                lambda step=step, user=user: services.report_step(step.pk, report, actor=user)
                for user in users
            )
        )
        assert ended == {"done": number}
        stored = JobStep.objects.get(pk=step.pk)
        assert (stored.quantity_good, stored.quantity_scrap) == (number, number)


def test_the_last_pieces_are_reported_once(race, process):
    ann, bob = make_workers(process, 2)
    last = Report(good=10)

    for step in race.rounds(job.steps.get() for job in make_jobs(process)):
        services.start_step(step.pk, actor=ann)
        services.start_step(step.pk, actor=bob, join=True)
        ended = race.at_once(
            lambda step=step: services.report_step(step.pk, last, actor=ann),
            lambda step=step: services.report_step(step.pk, last, actor=bob),
        )
        assert ended == {"done": 1, "over_quantity": 1}
        assert JobStep.objects.get(pk=step.pk).quantity_good == 10


def test_the_last_two_steps_that_finish_at_once_complete_the_job_once(race, process):
    ann, bob = make_workers(process, 2)

    for job in race.rounds(make_jobs(process, side_by_side=2)):
        one, two = job.steps.all()
        services.start_step(one.pk, actor=ann)
        services.start_step(two.pk, actor=bob)
        ended = race.at_once(
            lambda one=one: services.complete_step(one.pk, actor=ann),
            lambda two=two: services.complete_step(two.pk, actor=bob),
        )
        stored = Job.objects.get(pk=job.pk)
        assert ended == {"done": 2}
        assert (stored.status, stored.steps_done) == ("completed", 2)


def test_one_who_presses_complete_twice(race, process):
    (ann,) = make_workers(process, 1)

    for job in race.rounds(make_jobs(process)):
        step = services.start_step(job.steps.get().pk, actor=ann)
        complete = lambda step=step: services.complete_step(step.pk, Report(good=6), actor=ann)  # noqa: E731
        assert race.at_once(complete, complete) == {"done": 1, "illegal_transition": 1}
        assert JobStep.objects.get(pk=step.pk).quantity_good == 6


def test_a_downtime_that_begins_while_a_step_starts(race):
    process = make_process(needs_machine=True)
    ann, bob = make_workers(process, 2)
    reason = make_reason(ReasonKind.DOWNTIME)

    for job in race.rounds(make_jobs(process)):
        step, machine = job.steps.get(), make_machine(process)
        ended = race.at_once(
            lambda step=step, key=machine.pk: services.start_step(
                step.pk, actor=ann, machine_id=key
            ),
            lambda key=machine.pk: start_downtime(key, reason=reason, actor=bob),
        )
        machine.refresh_from_db()
        assert ended["done"] == 1 + machine.running_steps
        assert ended["machine_unavailable"] == 1 - machine.running_steps
        assert machine.status == "down"


def test_two_who_report_one_breakdown(race):
    ann, bob = make_user("operator"), make_user("operator")
    reason = make_reason(ReasonKind.DOWNTIME)

    for machine in race.rounds(make_machine() for _ in range(ROUNDS)):
        ended = race.at_once(
            lambda key=machine.pk: start_downtime(key, reason=reason, actor=ann),
            lambda key=machine.pk: start_downtime(key, reason=reason, actor=bob),
        )
        assert ended == {"done": 1, "already_down": 1}


def test_an_undo_against_a_report(race, process):
    """A piece that was reported is not taken back with the start."""
    (ann,) = make_workers(process, 1)

    for job in race.rounds(make_jobs(process)):
        step = services.start_step(job.steps.get().pk, actor=ann)
        ended = race.at_once(
            lambda step=step: services.undo_step(step.pk, actor=ann, at=step.undo["at"]),
            lambda step=step: services.report_step(step.pk, Report(good=1), actor=ann),
        )
        stored = JobStep.objects.get(pk=step.pk)
        assert ended["done"] == 1
        assert (stored.status, stored.quantity_good) in {("ready", 0), ("in_progress", 1)}


@pytest.mark.parametrize("deed", ["report", "pause"])
def test_an_undo_against_anothers_report(race, process, deed):
    """What another reports is never taken back, nor lost to what is."""
    ann, bob = make_workers(process, 2)

    for job in race.rounds(make_jobs(process)):
        step = services.start_step(job.steps.get().pk, actor=ann)
        services.start_step(step.pk, actor=bob, join=True)
        said = getattr(services, f"{deed}_step")(step.pk, Report(good=3), actor=ann)
        ended = race.at_once(
            lambda said=said: services.undo_step(said.pk, actor=ann, at=said.undo["at"]),
            lambda said=said: services.report_step(said.pk, Report(good=2), actor=bob),
        )
        stored = JobStep.objects.get(pk=step.pk)
        made = {log.user: log.quantity_good for log in step.logs.select_related("user")}
        is_undone = "nothing_to_undo" not in ended
        assert ended["done"] == 1 + is_undone
        assert made == {ann: 0 if is_undone else 3, bob: 2}
        assert stored.quantity_good == sum(made.values())


def test_an_undo_pressed_twice(race, process):
    (ann,) = make_workers(process, 1)

    for job in race.rounds(make_jobs(process)):
        step = services.start_step(job.steps.get().pk, actor=ann)
        services.report_step(step.pk, Report(good=3), actor=ann)
        undo = lambda step=step: services.undo_step(step.pk, actor=ann)  # noqa: E731
        assert race.at_once(undo, undo) == {"done": 1, "nothing_to_undo": 1}
        assert JobStep.objects.get(pk=step.pk).quantity_good == 0


def test_the_end_of_a_shift_while_others_finish_and_pause(race, process):
    ann, bob = make_workers(process, 2)
    jobs = iter(make_jobs(process, 2 * ROUNDS))

    for shared, own in race.rounds(
        (a.steps.get(), b.steps.get()) for a, b in zip(jobs, jobs, strict=True)
    ):
        services.start_step(shared.pk, actor=ann)
        services.start_step(shared.pk, actor=bob, join=True)
        services.start_step(own.pk, actor=ann)
        ended = race.at_once(
            lambda: services.pause_all(actor=ann),
            lambda shared=shared: services.complete_step(shared.pk, actor=bob),
            lambda own=own: services.pause_step(own.pk, actor=ann),
        )
        assert ended["done"] >= 2  # Who pauses what the end of the shift has paused is told so.
        assert not WorkLog.objects.open().filter(step__in=[shared, own]).exists()
        assert {
            *JobStep.objects.filter(pk__in=[shared.pk, own.pk]).values_list("status", flat=True)
        } == {
            "completed",
            "paused",
        }
