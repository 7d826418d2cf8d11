"""Two who decide about one job at the same instant."""

from datetime import date

import pytest

from apps.jobs import services
from apps.jobs.models import Job, JobStep
from apps.jobs.states import Priority
from tests.factories import make_process, make_routing, make_user
from tests.races.scenes import make_jobs, make_workers

pytestmark = [pytest.mark.race, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def process(committed):
    return make_process()


@pytest.fixture
def office(committed):
    return make_user("planner"), make_user("manager")


def state(job):
    return (Job.objects.get(pk=job.pk).status, *job.steps.values_list("status", flat=True))


def test_a_release_against_a_cancellation(race, process, office):
    planner, manager = office

    for job in race.rounds(make_jobs(process, released=False)):
        ended = race.at_once(
            lambda job=job: services.release_job(job.pk, actor=planner),
            lambda job=job: services.cancel_job(job.pk, actor=manager),
        )
        assert ended in ({"done": 2}, {"done": 1, "illegal_transition": 1})
        assert state(job) == ("cancelled", "cancelled")
        released = Job.objects.get(pk=job.pk).released_at is not None
        assert released == (ended == {"done": 2})


def test_two_who_release_one_job(race, process, office):
    planner, manager = office

    for job in race.rounds(make_jobs(process, released=False)):
        ended = race.at_once(
            lambda job=job: services.release_job(job.pk, actor=planner),
            lambda job=job: services.release_job(job.pk, actor=manager),
        )
        assert ended == {"done": 1, "illegal_transition": 1}
        assert state(job) == ("active", "ready")


def test_a_hold_against_a_completion(race, process, office):
    planner, _ = office
    (ann,) = make_workers(process, 1)

    for job in race.rounds(make_jobs(process)):
        step = services.start_step(job.steps.get().pk, actor=ann)
        ended = race.at_once(
            lambda job=job: services.hold_job(job.pk, actor=planner),
            lambda step=step: services.complete_step(step.pk, actor=ann),
        )
        assert ended == {"done": 1, "illegal_transition": 1}
        assert state(job) in {("on_hold", "paused"), ("completed", "completed")}


def test_a_step_added_while_the_job_becomes_urgent(race, process, office):
    planner, manager = office

    for job in race.rounds(make_jobs(process)):
        step = JobStep(job=Job.objects.get(pk=job.pk), sequence=20, process=process)
        job.priority, job.due_date = Priority.URGENT, date(2030, 1, 2)
        ended = race.at_once(
            lambda step=step: services.add_step(step, actor=planner),
            lambda job=job: services.save_job(job, actor=manager, fields=["priority", "due_date"]),
        )
        assert ended == {"done": 2}
        assert set(job.steps.values_list("priority", flat=True)) == {Priority.URGENT}


def test_another_routing_while_the_job_becomes_urgent(race, process, office):
    planner, manager = office
    other = make_routing(process, process)

    for job in race.rounds(make_jobs(process, released=False)):
        rerouted = Job.objects.get(pk=job.pk)
        rerouted.routing, job.priority = other, Priority.URGENT
        ended = race.at_once(
            lambda rerouted=rerouted: services.save_job(
                rerouted, actor=planner, fields=["routing"]
            ),
            lambda job=job: services.save_job(job, actor=manager, fields=["priority"]),
        )
        assert ended == {"done": 2}
        assert list(job.steps.values_list("priority", flat=True)) == [Priority.URGENT] * 2
