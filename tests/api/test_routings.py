"""Routings through the API: told and written with their steps."""

import pytest

from apps.audit.models import AuditLog
from apps.jobs.models import Attachment, RoutingStep
from tests.factories import (
    make_job,
    make_machine,
    make_process,
    make_routing,
    make_user,
)

pytestmark = pytest.mark.django_db


def step(process, **given):
    return {"sequence": 10, "process": process.pk} | given


def test_a_routing_is_made_with_its_steps(planning):
    cutting, welding = make_process(), make_process()
    laser = make_machine(cutting)
    sent = [
        step(welding, sequence=20, run_minutes_per_unit="1.5", instructions="Two seams."),
        step(cutting, machine=laser.pk, setup_minutes=30, starts_after="first_good"),
    ]

    made = planning.post("routings/", {"code": "R1", "name": "Bracket", "steps": sent})

    first, second = made.json()["steps"]
    assert made.status_code == 201
    assert first == {
        "id": first["id"],
        "sequence": 10,
        "process": {"id": cutting.pk, "name": cutting.name, "code": cutting.code},
        "machine": {"id": laser.pk, "name": laser.name, "code": laser.code},
        "setup_minutes": 30,
        "run_minutes_per_unit": "0.000",
        "starts_after": "first_good",
        "instructions": "",
    }
    assert (second["machine"], second["run_minutes_per_unit"]) == (None, "1.500")


def test_steps_are_replaced_and_those_that_stay_keep_their_files(planning):
    cutting, welding, packing = (make_process() for _ in range(3))
    routing = make_routing(cutting, welding)
    kept, gone = routing.steps.order_by("sequence")
    file = {"file_name": "a.pdf", "size": 1, "uploaded_by": make_user()}
    for each in (kept, gone):
        Attachment.objects.create(routing_step=each, file=f"attachments/{each.pk}.pdf", **file)
    path = f"routings/{routing.pk}/"
    seen = planning.version(path)

    changed = planning.patch(
        path,
        {"steps": [step(cutting, setup_minutes=5), step(packing, sequence=30)]},
        If_Match=seen,
    )

    first, second = changed.json()["steps"]
    assert (first["id"], first["setup_minutes"]) == (kept.pk, 5)
    assert second["process"]["id"] == packing.pk
    assert list(Attachment.objects.values_list("routing_step", flat=True)) == [kept.pk]
    assert not RoutingStep.objects.filter(pk=gone.pk).exists()
    stale = planning.patch(path, {"steps": []}, If_Match=seen)
    assert stale.status_code == 412
    assert len(stale.json()["details"]["current"]["steps"]) == 2


def test_jobs_made_before_stay_as_they_are(planning):
    routing = make_routing(make_process())
    job = make_job(routing=routing)

    answer = planning.patch(f"routings/{routing.pk}/", {"steps": []}, If_Match="*")

    assert (answer.status_code, answer.json()["steps"]) == (200, [])
    assert job.steps.count() == 1


def test_the_same_steps_change_nothing(planning):
    twice = make_process()
    routing = make_routing(twice, make_process(), make_process())
    RoutingStep.objects.create(routing=routing, sequence=10, process=twice, setup_minutes=3)
    path = f"routings/{routing.pk}/"
    told = planning.get(path).json()
    sent = [
        {
            name: value["id"] if isinstance(value, dict) else value
            for name, value in each.items()
            if name != "id"
        }
        for each in told["steps"]
    ]
    before = AuditLog.objects.count()

    answer = planning.patch(path, {"steps": sent}, If_Match="*")

    assert answer.json() == told
    assert AuditLog.objects.count() == before


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"process": 0}, "process"),
        ({"process": None}, "process"),
        ({"machine": 2**63}, "machine"),
        ({"sequence": 0}, "sequence"),
        ({"sequence": 40_000}, "sequence"),
        ({"setup_minutes": 2**31}, "setup_minutes"),
        ({"run_minutes_per_unit": "-0.001"}, "run_minutes_per_unit"),
        ({"run_minutes_per_unit": "NaN"}, "run_minutes_per_unit"),
        ({"starts_after": "lunch"}, "starts_after"),
        ({"id": 7}, "id"),
    ],
)
def test_what_is_wrong_in_a_step_is_found_there(planning, wrong, place):
    routing = make_routing(make_process())
    good = step(make_process())

    answer = planning.patch(
        f"routings/{routing.pk}/", {"name": "X", "steps": [good, good | wrong]}, If_Match="*"
    )

    assert answer.status_code == 400
    assert [each["pointer"] for each in answer.json()["errors"]] == [f"#/steps/1/{place}"]
    routing.refresh_from_db()
    assert (routing.name != "X", routing.steps.count()) == (True, 1)


@pytest.mark.parametrize("steps", [None, "x", {}, [1], [[]], [None]])
def test_steps_are_a_list_of_objects(planning, steps):
    answer = planning.post("routings/", {"code": "R1", "name": "Bracket", "steps": steps})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"].startswith("#/steps")


def test_writing_many_steps_costs_what_few_cost(planning, assert_flat):
    routing = make_routing()
    path = f"routings/{routing.pk}/"
    steps = []

    def grow(rows):
        for _ in range(rows):
            process = make_process()
            steps.append(step(process, machine=make_machine(process).pk, setup_minutes=0))

    def work():
        for each in steps:
            each["setup_minutes"] += 1
        answer = planning.patch(path, {"steps": steps}, If_Match="*")
        assert answer.status_code == 200

    assert_flat(grow=grow, work=work)
    assert routing.steps.count() == len(steps)


def test_too_many_steps_are_refused(planning):
    steps = [step(make_process())] * 501

    answer = planning.post("routings/", {"code": "R1", "name": "Bracket", "steps": steps})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/steps"


def test_a_step_changed_in_the_office_makes_what_a_program_read_stale(planning, client):
    process = make_process()
    routing = make_routing(process)
    path = f"routings/{routing.pk}/"
    seen = planning.version(path)
    client.force_login(planning.user)
    (stored,) = routing.steps.all()
    form = {
        "code": routing.code,
        "name": routing.name,
        "is_active": "on",
        "steps-TOTAL_FORMS": 1,
        "steps-INITIAL_FORMS": 1,
        "steps-0-id": stored.pk,
        "steps-0-routing": routing.pk,
        "steps-0-sequence": 10,
        "steps-0-process": process.pk,
        "steps-0-setup_minutes": 99,
        "steps-0-run_minutes_per_unit": "1.5",
        "steps-0-starts_after": "finished",
    }

    saved = client.post(f"/admin/jobs/routing/{routing.pk}/change/", form)

    assert saved.status_code == 302
    assert planning.patch(path, {"steps": []}, If_Match=seen).status_code == 412
