"""Many jobs and many steps at once: all or none, at a cost that does not grow a statement."""

import time
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.audit.models import AuditLog
from apps.core.bulk import AT_MOST, TooMany
from apps.core.errors import Invalid, NotPermitted, Stale
from apps.jobs import services
from apps.jobs.errors import IllegalTransition, ProcessNotPermitted
from apps.jobs.models import MOST, Job, JobStep
from apps.jobs.services import StepChange
from apps.jobs.states import StepStatus
from apps.notifications.models import Notification
from tests.factories import (
    make_customer,
    make_job,
    make_machine,
    make_part,
    make_process,
    make_routing,
    make_user,
    permit,
)
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db


@pytest.fixture
def process():
    return make_process()


@pytest.fixture
def routing(process):
    return make_routing(process, process, part=make_part(name="Bracket"))


@pytest.fixture
def customer():
    return make_customer()


@pytest.fixture
def drafts(customer, routing):
    """Return a function that makes jobs not stored yet, as a program's request names them."""

    def make(number, **fields):
        given = {"customer_id": customer.pk, "routing_id": routing.pk, "quantity": 10} | fields
        return [Job(**given) for _ in range(number)]

    return make


def queries(work):
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def refused(error, work):
    with pytest.raises(error) as refusal:
        work()
    return refusal.value


# Jobs.


def test_jobs_are_made_with_their_steps_and_numbered_in_their_order(drafts, planner, routing):
    other = make_routing(*[make_process()] * 3)
    jobs = [*drafts(2), *drafts(1, routing_id=other.pk, title="Own"), *drafts(1, routing_id=None)]

    made = services.create_jobs(jobs, actor=planner)

    assert made == jobs
    assert [job.number for job in made] == sorted(job.number for job in made)
    assert all(job.number.startswith("JOB-") for job in made)
    stored = Job.objects.in_bulk([job.pk for job in made])
    for job in made:
        assert (stored[job.pk].number, stored[job.pk].version) == (job.number, job.version)
    assert [(job.title, job.part, job.steps_total) for job in made] == [
        ("Bracket", routing.part, 2),
        ("Bracket", routing.part, 2),
        ("Own", None, 3),
        (made[3].customer.name, None, 0),
    ]
    assert [list(job.steps.values_list("sequence", "planned_minutes")) for job in made] == [
        [(10, 25), (20, 25)],
        [(10, 25), (20, 25)],
        [(10, 25), (20, 25), (30, 25)],
        [],
    ]
    assert {job.created_by for job in made} == {planner}
    assert_invariants()


def test_every_job_and_step_of_many_is_in_the_trail(drafts, planner):
    made = services.create_jobs(drafts(20), actor=planner)

    inserted = AuditLog.objects.filter(action="insert")
    keys = {job.pk for job in made}
    assert set(inserted.filter(table="jobs", row_id__in=keys).values_list("row_id", flat=True)) == (
        keys
    )
    steps = set(JobStep.objects.filter(job__in=made).values_list("pk", flat=True))
    assert len(steps) == 40
    assert inserted.filter(table="job_steps", row_id__in=steps).count() == 40


def test_two_hundred_jobs_cost_the_statements_of_two(drafts, planner):
    services.create_jobs(drafts(1), actor=planner)  # Warm: permissions.

    def create(number):
        jobs = drafts(number)
        return queries(lambda: services.create_jobs(jobs, actor=planner))

    assert (
        create(2) == create(200) == 10
    )  # Two savepoints, 3 for what they refer to, and 3 to read and write.


def test_one_job_costs_no_more_than_its_rows(planner, customer, routing):
    services.create_job(Job(customer=customer, routing=routing, quantity=1), actor=planner)
    job = Job(customer=customer, routing=routing, quantity=1)

    assert queries(lambda: services.create_job(job, actor=planner)) == 7


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"quantity": 0}, "quantity"),
        ({"customer_id": 0}, "customer"),
        ({"customer_id": None}, "customer"),
        ({"part_id": 0}, "part"),
        ({"routing_id": 0}, "routing"),
        ({"external_id": "taken"}, "external_id"),
    ],
)
@pytest.mark.parametrize("place", [0, 4, 7])
def test_one_bad_job_refuses_all_and_is_named(drafts, planner, fault, field, place):
    make_job(actor=planner, external_id="taken")
    jobs = drafts(8)
    jobs[place : place + 1] = drafts(1, **fault)
    before = Job.objects.count(), JobStep.objects.count()

    refusal = refused(Invalid, lambda: services.create_jobs(jobs, actor=planner))

    assert refusal.details["index"] == place
    assert refusal.field == field
    assert refusal.message
    assert (Job.objects.count(), JobStep.objects.count()) == before


def test_of_two_with_one_key_the_second_is_named(drafts, planner):
    jobs = [*drafts(3), *drafts(1, external_id="E-1"), *drafts(2), *drafts(1, external_id="E-1")]

    refusal = refused(Invalid, lambda: services.create_jobs(jobs, actor=planner))

    assert (refusal.details["index"], refusal.field) == (6, "external_id")


def test_work_that_outlasts_the_column_is_refused_and_not_a_fault(drafts, planner, process):
    slow = make_routing(process)
    slow.steps.update(run_minutes_per_unit=Decimal("999999.999"))
    jobs = [*drafts(1), *drafts(1, routing_id=slow.pk, quantity=MOST)]

    refusal = refused(Invalid, lambda: services.create_jobs(jobs, actor=planner))

    assert (refusal.field, refusal.details["index"]) == ("quantity", 1)


def test_a_refusal_of_one_speaks_of_no_list(planner, customer):
    job = Job(customer=customer, quantity=0)

    refusal = refused(Invalid, lambda: services.create_job(job, actor=planner))

    assert "index" not in refusal.details


def test_more_than_a_thousand_and_who_may_not_are_refused(drafts, planner, operator):
    refused(TooMany, lambda: services.create_jobs(drafts(AT_MOST + 1), actor=planner))
    refused(NotPermitted, lambda: services.create_jobs(drafts(1), actor=operator))
    assert services.create_jobs([], actor=planner) == []


@pytest.mark.slow
def test_a_thousand_jobs_of_six_steps_are_made_in_seconds(drafts, planner, process):
    long = make_routing(*[process] * 6)
    began = time.perf_counter()

    services.create_jobs(drafts(AT_MOST, routing_id=long.pk), actor=planner)

    took = time.perf_counter() - began
    print(f"{AT_MOST} jobs with 6 steps each: {took:.2f} s")  # noqa: T201 - shown with -rP
    assert JobStep.objects.count() == 6 * AT_MOST
    assert took < 30  # Seconds: what a statement may take.
    assert_invariants()


# Steps.


@pytest.fixture
def steps(drafts, planner):
    """Return a function that makes jobs of two steps, and returns all their steps."""

    def make(number, *, released=False):
        jobs = services.create_jobs(drafts(number), actor=planner)
        for job in jobs if released else ():
            services.release_job(job.pk, actor=planner)
        return list(JobStep.objects.filter(job__in=jobs).order_by("job", "sequence"))

    return make


@pytest.fixture
def worker(operator, process):
    permit(operator, process)
    return operator


def test_many_steps_are_planned_at_once_each_its_own_way(steps, planner, process):
    first, second, third, fourth = steps(2)
    machine, other = make_machine(process), make_process()
    changes = [
        StepChange(third.pk, {"machine": machine.pk, "planned_minutes": 5}),
        StepChange(first.pk, {"sequence": 30, "instructions": "Mind the burr."}, first.version),
        StepChange(fourth.pk, {"process": other, "starts_after": "first_good"}),
    ]

    changed = services.change_steps(changes, actor=planner)

    assert [step.pk for step in changed] == [third.pk, first.pk, fourth.pk]
    columns = ("sequence", "machine", "planned_minutes", "process", "instructions", "starts_after")
    stored = {pk: row for pk, *row in JobStep.objects.values_list("pk", *columns)}
    assert stored == {
        first.pk: [30, None, 25, process.pk, "Mind the burr.", "finished"],
        second.pk: [20, None, 25, process.pk, "", "finished"],
        third.pk: [10, machine.pk, 5, process.pk, "", "finished"],
        fourth.pk: [20, None, 25, other.pk, "", "first_good"],
    }
    versions = dict(JobStep.objects.values_list("pk", "version"))
    assert versions == {first.pk: 2, second.pk: 1, third.pk: 2, fourth.pk: 2}
    trail = AuditLog.objects.filter(table="job_steps", action="update", row_id__in=versions)
    assert sorted(trail.values_list("row_id", flat=True)) == [first.pk, third.pk, fourth.pk]
    assert_invariants()


def test_what_follows_from_new_sequences_follows_once_for_all(steps, planner):
    """Judged one after the other, the second would be refused: the first makes it ready."""
    first, second = steps(1, released=True)
    third = services.add_step(
        JobStep(job=first.job, sequence=30, process=first.process), actor=planner
    )
    changes = [StepChange(second.pk, {"sequence": 10}), StepChange(third.pk, {"sequence": 5})]

    services.change_steps(changes, actor=planner)

    statuses = {step.pk: step.status for step in first.job.steps.all()}
    assert statuses == {
        third.pk: StepStatus.READY,
        first.pk: StepStatus.PENDING,
        second.pk: StepStatus.PENDING,
    }
    assert_invariants()


def test_two_hundred_steps_cost_the_statements_of_two(steps, manager, process, worker):
    machine = make_machine(process)

    def change(number):
        given = steps(number)
        values = {"machine": machine.pk, "planned_minutes": 7, "assigned_to": worker.pk}
        changes = [StepChange(step.pk, values, step.version) for step in given[:number]]
        return queries(lambda: services.change_steps(changes, actor=manager))

    change(1)  # Warm: permissions and rights.
    assert change(2) == change(200) == 11  # With the savepoint around it.


def test_one_step_is_assigned_and_saved_in_few_statements(steps, manager, worker, planner):
    (step, _), (other, _) = steps(1), steps(1)
    services.assign_step(other.pk, worker, actor=manager)  # Warm: permissions and rights.
    other.planned_minutes = 3

    assert queries(lambda: services.assign_step(step.pk, worker, actor=manager)) == 6
    fields = ["planned_minutes"]
    assert queries(lambda: services.save_step(other, actor=planner, fields=fields)) == 7


@pytest.mark.parametrize(
    ("change", "error", "field"),
    [
        ({"machine": 0}, Invalid, "machine"),
        ({"process": None}, Invalid, "process"),
        ({"assigned_to": 0}, Invalid, "assigned_to"),
        ({"starts_after": "whenever"}, Invalid, "starts_after"),
        ({"status": "completed"}, Invalid, "status"),
        ({"quantity_good": 5}, Invalid, "quantity_good"),
    ],
)
def test_one_bad_change_refuses_all_and_is_named(steps, manager, change, error, field):
    given = steps(4)
    changes = [StepChange(step.pk, {"planned_minutes": 1}) for step in given]
    changes[5] = StepChange(given[5].pk, change)

    refusal = refused(error, lambda: services.change_steps(changes, actor=manager))

    assert (refusal.details["index"], refusal.field) == (5, field)
    assert set(JobStep.objects.values_list("planned_minutes", flat=True)) == {25}


def test_a_stale_a_missing_and_a_doubled_step_are_named(steps, planner):
    first, second = steps(1)
    good = StepChange(first.pk, {"planned_minutes": 1}, first.version)
    for bad, error in (
        (StepChange(second.pk, {"planned_minutes": 1}, second.version + 1), Stale),
        (StepChange(0, {"planned_minutes": 1}), Invalid),
        (good, Invalid),
    ):
        work = lambda bad=bad: services.change_steps([good, bad], actor=planner)  # noqa: E731
        assert refused(error, work).details["index"] == 1
    stale = refused(
        Stale,
        lambda: services.change_steps([StepChange(first.pk, {}, first.version + 1)], actor=planner),
    )
    assert stale.details == {"current": first.version, "index": 0}
    assert set(JobStep.objects.values_list("planned_minutes", flat=True)) == {25}


def test_the_rules_of_one_step_hold_for_each_of_many(steps, planner, manager, operator):
    ready, pending = steps(1, released=True)
    good = StepChange(pending.pk, {"planned_minutes": 1})

    begun = StepChange(ready.pk, {"planned_minutes": 1})
    refusal = refused(
        IllegalTransition, lambda: services.change_steps([good, begun], actor=planner)
    )
    assert (refusal.details["index"], refusal.field) == (1, "planned_minutes")
    given = StepChange(ready.pk, {"assigned_to": operator.pk})  # May not execute the process.
    for actor in (planner, manager):
        refusal = refused(
            ProcessNotPermitted, lambda actor=actor: services.change_steps([given], actor=actor)
        )
        assert refusal.details["index"] == 0
    refusal = refused(NotPermitted, lambda: services.change_steps([good], actor=operator))
    assert "index" not in refusal.details
    many = [StepChange(n, {"planned_minutes": 1}) for n in range(AT_MOST + 1)]
    refused(TooMany, lambda: services.change_steps(many, actor=planner))


def test_who_is_given_several_steps_is_told_once(steps, manager, worker, process):
    mine, bobs, *others = steps(7)
    bob = make_user("operator")
    changes = [
        StepChange(mine.pk, {"assigned_to": manager.pk}),
        StepChange(bobs.pk, {"assigned_to": bob.pk}),
        *(StepChange(step.pk, {"assigned_to": worker.pk}) for step in others),
    ]

    services.change_steps(changes, actor=manager)
    services.change_steps(changes, actor=manager)  # Nobody is given anything anew.

    told = dict(Notification.objects.values_list("recipient", "title"))
    assert told == {
        bob.pk: f"Step 20 {process} of {bobs.job} is yours",
        worker.pk: "12 steps are yours",
    }
    body = Notification.objects.get(recipient=worker).body
    assert body.count("Step ") == 10
    assert body.endswith("and 2 more")
