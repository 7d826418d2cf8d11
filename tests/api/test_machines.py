"""Machines and downtimes through the API."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.machines import services
from apps.machines.models import Machine, MachineDowntime
from apps.machines.states import ReasonKind
from tests.api.resources import make_downtime
from tests.factories import make_machine, make_process, make_reason, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def managing(program):
    return program("manager")


@pytest.fixture
def operating(program):
    return program("operator")


def test_a_machine_tells_what_it_can_do_by_name(managing):
    welding, cutting = make_process(name="Welding"), make_process(name="Cutting")
    machine = make_machine(welding, cutting)

    told = managing.get(f"machines/{machine.pk}/").json()["processes"]

    assert told == [
        {"id": each.pk, "name": each.name, "code": each.code} for each in (cutting, welding)
    ]
    assert managing.get(f"machines/{make_machine().pk}/").json()["processes"] == []


def test_what_a_machine_can_do_is_part_of_its_version(managing):
    machine, process = make_machine(), make_process()
    path = f"machines/{machine.pk}/"
    seen = managing.version(path)

    changed = managing.patch(path, {"processes": [process.pk]}, If_Match=seen)
    stale = managing.patch(path, {"processes": []}, If_Match=seen)

    assert (changed.status_code, stale.status_code) == (200, 412)
    assert [each["id"] for each in changed.json()["processes"]] == [process.pk]
    assert stale.json()["details"]["current"]["processes"] == changed.json()["processes"]


def test_processes_are_looked_up_together(managing, assert_flat):
    machine = make_machine()
    path = f"machines/{machine.pk}/"
    keys = []

    def grow(rows):
        keys.extend(make_process().pk for _ in range(rows))

    assert_flat(
        grow=grow, work=lambda: managing.patch(path, {"processes": keys}, If_Match="*").json()
    )
    assert machine.processes.count() == len(keys)


def test_an_unknown_process_is_named(managing):
    known, machine = make_process(), make_machine()

    for unknown in (2**63, 0, -1, "x", None, True, [], known.pk + 0.5):
        answer = managing.patch(
            f"machines/{machine.pk}/", {"processes": [known.pk, unknown]}, If_Match="*"
        )
        assert answer.status_code == 400, unknown
        assert [each["pointer"] for each in answer.json()["errors"]] == ["#/processes"]
    assert not machine.processes.exists()


def test_what_an_hour_costs_is_not_told_on_the_floor(managing, operating):
    machine = make_machine(hourly_rate="45.50")
    path = f"machines/{machine.pk}/"

    assert managing.get(path).json()["hourly_rate"] == "45.50"
    assert managing.get("machines/").json()["results"][0]["hourly_rate"] == "45.50"
    for answer in (operating.get(path), operating.get(f"{path}?fields=id,hourly_rate")):
        assert "hourly_rate" not in answer.json()
    assert operating.get(path).json()["code"] == machine.code
    assert "hourly_rate" not in operating.get("machines/").json()["results"][0]
    lines = operating.get("machines/", Accept="application/x-ndjson").streaming_content
    assert b"hourly_rate" not in b"".join(lines)


def test_a_capacity_below_what_runs_now_is_refused(managing):
    machine = make_machine(capacity=3, running_steps=2)

    answer = managing.patch(f"machines/{machine.pk}/", {"capacity": 1}, If_Match="*")

    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {
            "pointer": "#/capacity",
            "detail": "More steps than that run on the machine now.",
            "code": "invalid",
        }
    ]


def test_an_operator_takes_a_machine_down_and_brings_it_back(operating):
    machine, reason = make_machine(), make_reason(ReasonKind.DOWNTIME)

    made = operating.post("machine-downtimes/", {"machine": machine.pk, "reason": reason.pk})
    path = f"machine-downtimes/{made.json()['id']}/"
    noted = operating.patch(path, {"note": "Smoke"}, If_Match=made["ETag"])
    down = operating.get(f"machines/{machine.pk}/").json()["status"]
    ended = operating.post(f"{path}end/")
    again = operating.post(f"{path}end/")

    assert (made.status_code, made.json()["ended_at"]) == (201, None)
    assert made.json()["reported_by"] == {
        "id": operating.user.pk,
        "name": operating.user.full_name,
    }
    assert (noted.status_code, noted.json()["note"], down) == (200, "Smoke", "down")
    assert (ended.status_code, ended.json()["ended_at"] is None) == (200, False)
    assert operating.get(f"machines/{machine.pk}/").json()["status"] == "idle"
    assert (again.status_code, again.json()["code"]) == (409, "downtime_ended")
    assert operating.delete(path, If_Match="*").status_code == 403


def test_a_downtime_ends_when_it_is_said_but_not_in_the_future(operating):
    downtime = make_downtime()
    path = f"machine-downtimes/{downtime.pk}/end/"
    soon = (timezone.now() + timedelta(hours=1)).isoformat()
    before = (downtime.started_at - timedelta(hours=1)).isoformat()

    for at in (soon, before, "noon"):
        refused = operating.post(path, {"ended_at": at})
        assert refused.status_code == 400, at
        assert refused.json()["errors"][0]["pointer"] == "#/ended_at"
    at = downtime.started_at.isoformat()
    assert operating.post(path, {"ended_at": at}).json()["ended_at"] == at.replace("+00:00", "Z")


def test_a_machine_is_down_once_at_a_time(operating):
    downtime = make_downtime()

    answer = operating.post(
        "machine-downtimes/", {"machine": downtime.machine_id, "reason": downtime.reason_id}
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "already_down")
    assert answer.json()["errors"][0]["pointer"] == "#/started_at"


def test_a_downtime_needs_a_reason_for_downtimes(operating):
    sent = {"machine": make_machine().pk, "reason": make_reason().pk}

    answer = operating.post("machine-downtimes/", sent)

    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_reason")
    assert not MachineDowntime.objects.exists()


def test_a_downtime_moves_to_another_machine_with_its_state(managing):
    reason, reporter = make_reason(ReasonKind.DOWNTIME), make_user()
    first, second = make_machine(), make_machine()
    downtime = services.start_downtime(first.pk, reason=reason, actor=reporter)

    path = f"machine-downtimes/{downtime.pk}/"
    moved = managing.patch(path, {"machine": second.pk}, If_Match="*")

    assert moved.json()["machine"]["id"] == second.pk
    states = dict(Machine.objects.values_list("pk", "status"))
    assert states == {first.pk: "idle", second.pk: "down"}
    assert managing.delete(path, If_Match="*").status_code == 204
    assert Machine.objects.get(pk=second.pk).status == "idle"


@pytest.mark.parametrize("target", [0, 2**63, -1, "x", True, None, [], {}, 1.5])
def test_a_downtime_moves_to_no_machine_that_there_is_not(managing, target):
    downtime = make_downtime()

    answer = managing.patch(f"machine-downtimes/{downtime.pk}/", {"machine": target}, If_Match="*")

    assert answer.status_code == 400
    assert [each["pointer"] for each in answer.json()["errors"]] == ["#/machine"]


def test_who_reports_no_downtimes_ends_none(program):
    downtime = make_downtime()
    downtime.ended_at = timezone.now()
    downtime.save()

    refused = program("planner").post(f"machine-downtimes/{downtime.pk}/end/")

    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    assert program("operator").post("machine-downtimes/0/end/").status_code == 404


def test_open_downtimes_are_found(operating):
    still, over = make_downtime(), make_downtime()
    over.ended_at = timezone.now()
    over.save()

    found = operating.get("machine-downtimes/?open=true").json()["results"]

    assert [row["id"] for row in found] == [still.pk]
    assert operating.get("machine-downtimes/?open=false").status_code == 400


def test_machines_that_can_do_a_process_are_found_once_each(operating):
    cutting, welding = make_process(), make_process()
    both, one = make_machine(cutting, welding), make_machine(welding)
    make_machine()

    query = f"process={cutting.pk}&process={welding.pk}&ordering=id"
    found = operating.get(f"machines/?{query}").json()["results"]

    assert [row["id"] for row in found] == [both.pk, one.pk]
