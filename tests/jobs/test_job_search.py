"""A job is found by what people remember of it, at a bounded cost."""

import pytest

from apps.jobs import querysets
from apps.jobs.models import Job, JobStep
from tests.factories import make_customer, make_job, make_part

pytestmark = pytest.mark.django_db


@pytest.fixture
def wanted():
    make_job(title="Hinge", customer=make_customer(name="Other Ltd"), part=make_part(name="Door"))
    customer, part = make_customer(name="Aksoy Metal"), make_part(name="Bracket left")
    return make_job(title="First batch", customer=customer, part=part)


@pytest.mark.parametrize("term", ["batch", "aksoy", "bracket", "brack lef"])
def test_a_job_is_found_by_its_title_its_customer_and_its_part(wanted, term):
    assert list(Job.objects.search(term)) == [wanted]
    assert {step.job for step in JobStep.objects.search(term)} == {wanted}


def test_a_job_that_is_found_in_several_ways_is_found_once():
    name = "Bracket"
    job = make_job(title=name, customer=make_customer(name=name), part=make_part(name=name))
    assert list(Job.objects.search("bracket")) == [job]


def test_of_a_customer_with_many_jobs_the_newest_are_found(monkeypatch):
    monkeypatch.setattr(querysets, "CANDIDATES", 2)
    customer = make_customer(name="Aksoy Metal")
    jobs = [make_job(customer=customer) for _ in range(3)]
    assert list(Job.objects.search("aksoy").order_by("pk")) == jobs[1:]


def test_a_search_that_finds_nothing_is_empty(wanted):
    assert not Job.objects.search("no such thing").exists()
