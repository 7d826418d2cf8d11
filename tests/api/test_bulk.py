"""Many records in one request: all or none, at a cost that does not grow by queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.jobs.models import Job, JobStep
from tests.factories import make_customer, make_job, make_machine, make_process, make_routing

pytestmark = pytest.mark.django_db


def test_many_jobs_are_made_in_order(planning):
    customer, routing = make_customer(), make_routing(make_process(), make_process())
    sent = [{"customer": customer.pk, "routing": routing.pk, "quantity": n} for n in (3, 1, 2)]

    answer = planning.post("jobs/bulk/", {"jobs": sent})

    told = answer.json()["jobs"]
    assert answer.status_code == 201
    assert [job["quantity"] for job in told] == [3, 1, 2]
    assert {job["steps_total"] for job in told} == {2}
    assert planning.get(f"jobs/{told[0]['id']}/").json() == told[0]


def test_one_bad_job_keeps_all_from_being_made_and_is_pointed_at(planning):
    customer = make_customer()
    make_job(external_id="taken")
    good = {"customer": customer.pk, "quantity": 1}

    def pointers(jobs):
        answer = planning.post("jobs/bulk/", {"jobs": jobs})
        assert answer.status_code in {400, 409}, answer.content
        return [each["pointer"] for each in answer.json()["errors"]]

    assert pointers([good, good | {"customer": 10**18, "quantity": 0}]) == [
        "#/jobs/1/customer",
        "#/jobs/1/quantity",
    ]
    assert pointers([good, good, good | {"external_id": "taken"}]) == ["#/jobs/2/external_id"]
    assert pointers([good | {"external_id": "a"}, good | {"external_id": "a"}]) == [
        "#/jobs/1/external_id"
    ]
    assert pointers([good, 7]) == ["#/jobs/1"]
    assert pointers([]) == ["#/jobs"]
    assert pointers([good] * 1001) == ["#/jobs"]
    assert pointers("x") == ["#/jobs"]
    assert Job.objects.count() == 1


def test_many_jobs_cost_as_many_queries_as_few(planning):
    customer, routing = make_customer(), make_routing(make_process())
    counts = []
    for number in (1, 2, 200):  # The first warms what a process keeps.
        sent = {"jobs": [{"customer": customer.pk, "routing": routing.pk, "quantity": 1}] * number}
        with CaptureQueriesContext(connection) as captured:
            assert planning.post("jobs/bulk/", sent).status_code == 201
        counts.append(len(captured))

    assert counts[1] == counts[2]


def test_many_steps_change_each_at_the_version_that_was_read(planning):
    process, machine = make_process(), make_machine()
    machine.processes.add(process)
    steps = [make_job(process).steps.get() for _ in range(3)]
    sent = [{"id": step.pk, "version": step.version, "machine": machine.pk} for step in steps]

    done = planning.patch("job-steps/bulk/", {"steps": sent})
    stale = planning.patch("job-steps/bulk/", {"steps": sent})

    assert done.status_code == 200, done.content
    assert [step["machine"]["id"] for step in done.json()["steps"]] == [machine.pk] * 3
    assert stale.status_code == 412
    assert stale.json()["errors"][0]["pointer"] == "#/steps/0"
    fresh = [{"id": step["id"], "version": step["version"]} for step in done.json()["steps"]]
    fresh[2] |= {"planned_minutes": -1}
    refused = planning.patch("job-steps/bulk/", {"steps": fresh})
    assert refused.json()["errors"][0]["pointer"] == "#/steps/2/planned_minutes"
    assert JobStep.objects.filter(machine=machine).count() == 3


def test_an_operator_makes_and_changes_none(program):
    operating = program("operator")
    step = make_job(make_process(), released=True).steps.get()

    made = operating.post("jobs/bulk/", {"jobs": [{}]})
    changed = operating.patch(
        "job-steps/bulk/", {"steps": [{"id": step.pk, "version": 1, "sequence": 5}]}
    )

    assert made.status_code == 403
    assert changed.status_code == 403
