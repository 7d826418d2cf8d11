"""Programs that write the same records at the same instant."""

from collections import Counter
from collections.abc import Iterator

import pytest
from django.db import transaction

from apps.catalog.models import Part
from apps.core.records import find_or_new, save_record
from apps.customers.models import Customer
from apps.customers.services import save_customer
from apps.jobs import services
from apps.jobs.models import Job, JobStep, Routing
from apps.jobs.services import StepChange
from apps.machines.models import Machine
from tests.factories import make_customer, make_process, make_routing, make_user
from tests.races.racing import ROUNDS, Race
from tests.races.scenes import make_jobs, make_workers

pytestmark = [pytest.mark.race, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

CALLERS = 16


@pytest.fixture
def crowd(request: pytest.FixtureRequest, committed: None) -> Iterator[Race]:
    """A race of as many as may well send the same record at once."""
    with Race(seed=request.node.name, racers=CALLERS) as racers:
        yield racers


def put_customer(record, actor, said):
    record.name = said
    save_customer(record, actor=actor, fields=["name"])


def put_part(record, actor, said):
    record.number, record.name = f"A {record.external_id}", said
    save_record(record, actor=actor, fields=["number", "name"])


def put_machine(record, actor, said):
    record.code, record.name = record.external_id, said
    save_record(record, actor=actor, fields=["code", "name"])


def put_job(record, actor, said):
    record.title = said
    if record._state.adding:
        record.customer, record.routing = Customer.objects.get(), Routing.objects.get()
        record.quantity = 10
        services.create_job(record, actor=actor)
    else:
        services.save_job(record, actor=actor, fields=["title"])


@pytest.mark.parametrize(
    ("model", "put", "shown"),
    [
        (Customer, put_customer, "name"),
        (Part, put_part, "name"),
        (Machine, put_machine, "name"),
        (Job, put_job, "title"),
    ],
    ids=["customer", "part", "machine", "job"],
)
def test_many_who_store_one_new_key_make_one_record(crowd, model, put, shown):
    """The first makes it, the others change it, and none is refused."""
    if model is Job:
        make_customer(), make_routing(make_process())
    actor = make_user("manager")
    made = Counter()

    def store(key, said):
        with transaction.atomic():
            record = find_or_new(model, key)
            made[key] += record._state.adding
            put(record, actor, said)

    for key in crowd.rounds(f"E-{number}" for number in range(ROUNDS)):
        ended = crowd.at_once(
            *(lambda key=key, n=n: store(key, f"Caller {n}") for n in range(CALLERS))
        )
        assert ended == {"done": CALLERS}
        stored = model.objects.get(external_id=key)
        assert getattr(stored, shown).startswith("Caller ")
        assert stored.version == CALLERS
        assert made[key] == 1


def test_two_who_make_jobs_with_one_key_among_them(race):
    """All of one and none of the other."""
    customer, routing = make_customer(), make_routing(make_process())
    actor = make_user("planner")

    def make(*keys):
        jobs = [
            Job(customer=customer, routing=routing, quantity=1, external_id=key) for key in keys
        ]
        services.create_jobs(jobs, actor=actor)

    for n in race.rounds(range(ROUNDS)):
        ended = race.at_once(
            lambda n=n: make(f"a{n}", f"both{n}", f"b{n}"),
            lambda n=n: make(f"c{n}", f"d{n}", f"both{n}"),
        )
        assert ended == {"done": 1, "invalid": 1}
        one, other = {f"a{n}", f"both{n}", f"b{n}"}, {f"c{n}", f"d{n}", f"both{n}"}
        made = Job.objects.filter(external_id__in=one | other)
        assert set(made.values_list("external_id", flat=True)) in (one, other)


def test_steps_of_many_jobs_are_changed_in_opposite_orders_by_two(race):
    process = make_process()
    ann, bob = make_user("planner"), make_user("manager")
    jobs = make_jobs(process, 4 * ROUNDS, released=False, side_by_side=2)

    def change(steps, minutes, actor):
        changes = [StepChange(step.pk, {"planned_minutes": minutes}) for step in steps]
        services.change_steps(changes, actor=actor)

    for number in race.rounds(range(ROUNDS)):
        some = jobs[4 * number : 4 * number + 4]
        steps = list(JobStep.objects.filter(job__in=some).order_by("pk"))
        ended = race.at_once(
            lambda steps=steps: change(steps, 1, ann),
            lambda steps=steps: change(steps[::-1], 2, bob),
        )
        assert ended == {"done": 2}
        minutes = JobStep.objects.filter(job__in=some).values_list("planned_minutes", flat=True)
        assert len(minutes) == 8
        assert set(minutes) in ({1}, {2})


def test_two_who_change_many_steps_as_they_read_them(race):
    process = make_process()
    ann, bob = make_user("planner"), make_user("manager")
    jobs = make_jobs(process, 3 * ROUNDS, released=False)

    def change(steps, minutes, actor):
        changes = [
            StepChange(each.pk, {"planned_minutes": minutes}, each.version) for each in steps
        ]
        services.change_steps(changes, actor=actor)

    for number in race.rounds(range(ROUNDS)):
        some = jobs[3 * number : 3 * number + 3]
        steps = list(JobStep.objects.filter(job__in=some))
        ended = race.at_once(
            lambda steps=steps: change(steps[:2], 1, ann),
            lambda steps=steps: change(steps[1:], 2, bob),
        )
        assert ended == {"done": 1, "stale": 1}


def test_steps_that_are_planned_while_their_jobs_are_worked_on(race):
    process = make_process()
    (ann,), bob = make_workers(process, 1), make_user("manager")
    jobs = make_jobs(process, 2 * ROUNDS)

    for number in race.rounds(range(ROUNDS)):
        first, second = (job.steps.get() for job in jobs[2 * number : 2 * number + 2])
        give = [StepChange(step.pk, {"assigned_to": bob.pk}) for step in (second, first)]
        ended = race.at_once(
            lambda first=first: services.start_step(first.pk, actor=ann),
            lambda give=give: services.change_steps(give, actor=bob),
        )
        assert ended["done"] == 1
        assert ended["assigned_elsewhere"] + ended["illegal_transition"] == 1
