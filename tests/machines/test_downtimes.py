"""Machines going down and coming back."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from apps.core.errors import Invalid, NotPermitted
from apps.jobs import services as jobs
from apps.machines import services
from apps.machines.errors import AlreadyDown, DowntimeEnded, WrongReason
from apps.machines.models import Machine, MachineDowntime
from apps.machines.states import MachineStatus, ReasonKind
from tests.factories import (
    make_job,
    make_machine,
    make_process,
    make_reason,
    make_user,
    permit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def machine():
    return make_machine()


@pytest.fixture
def reason():
    return make_reason(ReasonKind.DOWNTIME)


def status(machine):
    return Machine.objects.get(pk=machine.pk).status


def test_an_open_downtime_makes_the_machine_down_and_its_end_idle(machine, reason, operator):
    downtime = services.start_downtime(machine.pk, reason=reason, actor=operator, note="Smoke")
    assert (status(machine), downtime.reported_by) == (MachineStatus.DOWN, operator)

    services.end_downtime(downtime.pk, actor=operator)
    assert status(machine) == MachineStatus.IDLE
    with pytest.raises(DowntimeEnded):
        services.end_downtime(downtime.pk, actor=operator)


def test_a_machine_that_ran_is_running_again_after_its_downtime(reason, operator):
    process = make_process(needs_machine=True)
    permit(operator, process)
    machine = make_machine(process)
    step = make_job(process, released=True).steps.get()
    jobs.start_step(step.pk, actor=operator, machine_id=machine.pk)

    downtime = services.start_downtime(machine.pk, reason=reason, actor=operator)
    assert status(machine) == MachineStatus.DOWN
    services.end_downtime(downtime.pk, actor=operator)
    assert status(machine) == MachineStatus.RUNNING


def test_a_step_that_stops_on_a_machine_that_is_down_leaves_it_down(reason, operator):
    process = make_process(needs_machine=True)
    permit(operator, process)
    machine = make_machine(process)
    step = make_job(process, released=True).steps.get()
    jobs.start_step(step.pk, actor=operator, machine_id=machine.pk)
    services.start_downtime(machine.pk, reason=reason, actor=operator)

    jobs.pause_step(step.pk, actor=operator)

    machine.refresh_from_db()
    assert (machine.status, machine.running_steps) == (MachineStatus.DOWN, 0)


def test_no_two_downtimes_of_a_machine_overlap(machine, reason, operator):
    services.start_downtime(machine.pk, reason=reason, actor=operator)
    with pytest.raises(AlreadyDown) as refusal:
        services.start_downtime(machine.pk, reason=reason, actor=operator)
    assert refusal.value.field == "started_at"

    with pytest.raises(DatabaseError), transaction.atomic():
        MachineDowntime.objects.create(machine=machine, reason=reason, started_at=timezone.now())


def test_a_downtime_is_never_in_the_future(machine, reason, operator):
    tomorrow = timezone.now() + timedelta(days=1)
    with pytest.raises(Invalid) as refusal:
        services.start_downtime(machine.pk, reason=reason, actor=operator, at=tomorrow)
    assert refusal.value.field == "started_at"


def test_a_downtime_needs_a_reason_for_downtimes(machine, operator):
    with pytest.raises(WrongReason):
        services.start_downtime(machine.pk, reason=make_reason(), actor=operator)


def test_a_reason_that_is_used_no_more_is_kept_and_not_chosen(machine, reason, operator, manager):
    downtime = services.start_downtime(machine.pk, reason=reason, actor=operator)
    reason.is_active = False
    reason.save(update_fields=["is_active"])

    downtime.note = "Waits for a bearing."
    services.save_downtime(downtime, actor=manager, fields=["note"])
    with pytest.raises(WrongReason) as refusal:
        services.start_downtime(make_machine().pk, reason=reason, actor=operator)
    assert refusal.value.field == "reason"


def test_a_planner_reports_no_downtime(machine, reason):
    with pytest.raises(NotPermitted):
        services.start_downtime(machine.pk, reason=reason, actor=make_user("planner"))


def test_taking_a_downtime_back_brings_the_machine_back(machine, reason, manager):
    downtime = services.start_downtime(machine.pk, reason=reason, actor=manager)
    services.delete_downtime(downtime, actor=manager)
    assert status(machine) == MachineStatus.IDLE


def test_a_downtime_moved_to_another_machine_moves_the_state_too(machine, reason, manager):
    downtime = services.start_downtime(machine.pk, reason=reason, actor=manager)
    other = make_machine()
    downtime.machine = other
    services.save_downtime(downtime, actor=manager, fields=["machine"])
    assert (status(machine), status(other)) == (MachineStatus.IDLE, MachineStatus.DOWN)
