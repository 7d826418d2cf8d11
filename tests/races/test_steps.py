"""Real threads on real PostgreSQL: one wins, the others read why, nothing is lost."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection

from apps.core.errors import DomainError
from apps.jobs import services
from apps.jobs.models import Job, JobStep
from apps.jobs.services import Report
from apps.machines.models import Machine
from tests.factories import make_job, make_machine, make_process, make_user, permit

pytestmark = [pytest.mark.race, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ROUNDS = 5


def at_once(*deeds: Callable[[], object]) -> Counter[str]:
    """Do all deeds together; count how each ended, by its refusal's code."""
    barrier, endings = threading.Barrier(len(deeds)), []

    def run(deed: Callable[[], object]) -> None:
        barrier.wait()
        try:
            deed()
            endings.append("done")
        except DomainError as refusal:
            endings.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(endings)


def workers(process, number):
    users = [make_user("operator") for _ in range(number)]
    permit(users[0], process)
    return users


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_who_press_start_at_once(_round):
    process = make_process()
    step = make_job(process, released=True).steps.get()
    users = workers(process, 2)

    ended = at_once(*(lambda u=u: services.start_step(step.pk, actor=u) for u in users))

    assert ended == {"done": 1, "already_started": 1}
    assert step.logs.count() == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_steps_that_want_the_last_place_of_a_machine(_round):
    process = make_process(needs_machine=True)
    machine = make_machine(process, capacity=1)
    steps = [make_job(process, released=True).steps.get() for _ in range(2)]
    users = workers(process, 2)

    ended = at_once(
        *(
            lambda s=s, u=u: services.start_step(s.pk, actor=u, machine_id=machine.pk)
            for s, u in zip(steps, users, strict=True)
        )
    )

    assert ended == {"done": 1, "machine_unavailable": 1}
    assert Machine.objects.get(pk=machine.pk).running_steps == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_reports_at_once_lose_no_piece(_round):
    process = make_process()
    step = make_job(process, released=True).steps.get()
    users = workers(process, 4)
    for user in users:
        services.start_step(step.pk, actor=user, join=True)

    ended = at_once(
        *(lambda u=u: services.report_step(step.pk, Report(good=2), actor=u) for u in users)
    )

    assert ended == {"done": 4}
    assert JobStep.objects.get(pk=step.pk).quantity_good == 8


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_the_last_two_steps_that_finish_at_once_complete_the_job_once(_round):
    process = make_process()
    planner = make_user("planner")
    job = make_job(process, process, actor=planner)
    job.steps.update(sequence=10)
    services.release_job(job.pk, actor=planner)
    users = workers(process, 2)
    steps = list(job.steps.all())
    for step, user in zip(steps, users, strict=True):
        services.start_step(step.pk, actor=user)

    ended = at_once(
        *(
            lambda s=s, u=u: services.complete_step(s.pk, actor=u)
            for s, u in zip(steps, users, strict=True)
        )
    )

    job = Job.objects.get(pk=job.pk)
    assert ended == {"done": 2}
    assert (job.status, job.steps_done) == ("completed", 2)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_hold_against_a_completion(_round):
    process = make_process()
    planner = make_user("planner")
    job = make_job(process, actor=planner, released=True)
    (user,) = workers(process, 1)
    step = services.start_step(job.steps.get().pk, actor=user)

    ended = at_once(
        lambda: services.hold_job(job.pk, actor=planner),
        lambda: services.complete_step(step.pk, actor=user),
    )

    state = (Job.objects.get(pk=job.pk).status, JobStep.objects.get(pk=step.pk).status)
    assert ended == {"done": 1, "illegal_transition": 1}
    assert state in {("on_hold", "paused"), ("completed", "completed")}
