"""Two in the office at the same instant: one call has one answer, one form is not saved twice."""

from copy import copy
from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.services import save_user
from apps.jobs import services
from apps.jobs.models import HelpCall
from apps.machines.models import Machine, MachineDowntime
from apps.machines.services import save_downtime, start_downtime
from apps.machines.states import ReasonKind
from tests.factories import make_customer, make_machine, make_process, make_reason, make_user
from tests.races.racing import ROUNDS
from tests.races.scenes import make_jobs, make_workers

pytestmark = [pytest.mark.race, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_two_who_answer_one_call(race):
    ann, bob, machine = make_user("supervisor"), make_user("supervisor"), make_machine()
    calls = [
        HelpCall.objects.create(machine=machine, raised_by=ann, raised_at=timezone.now())
        for _ in range(ROUNDS)
    ]

    for call in race.rounds(calls):
        ended = race.at_once(
            lambda call=call: services.answer_help(call.pk, actor=ann),
            lambda call=call: services.answer_help(call.pk, actor=bob),
        )
        assert ended == {"done": 1, "conflict": 1}


def test_the_last_two_administrators_who_leave_at_once(race):
    def leave(user):
        leaving = copy(user)
        leaving.is_active = False
        save_user(leaving, actor=user, fields=["is_active"])

    ann, bob = make_user("administrator"), make_user("administrator")
    for _ in race.rounds(range(ROUNDS)):
        User.objects.filter(pk__in=[ann.pk, bob.pk]).update(is_active=True)
        ended = race.at_once(lambda: leave(ann), lambda: leave(bob))
        assert ended == {"done": 1, "last_administrator": 1}


def test_a_downtime_that_the_office_ends_while_the_machines_step_is_finished(race):
    process = make_process(needs_machine=True)
    (ann,), bob, machine = make_workers(process, 1), make_user("manager"), make_machine(process)
    reason = make_reason(ReasonKind.DOWNTIME)

    for job in race.rounds(make_jobs(process)):
        step = services.start_step(job.steps.get().pk, actor=ann, machine_id=machine.pk)
        downtime = start_downtime(machine.pk, reason=reason, actor=bob)
        downtime.ended_at = timezone.now()
        ended = race.at_once(
            lambda step=step: services.complete_step(step.pk, actor=ann),
            lambda downtime=downtime: save_downtime(downtime, actor=bob, fields=["ended_at"]),
        )
        assert ended == {"done": 2}
        assert Machine.objects.values_list("status", "running_steps").get() == ("idle", 0)


def test_two_who_move_downtimes_to_each_others_machine(race):
    office = admin.site.get_model_admin(MachineDowntime)
    ann, bob = make_user("manager"), make_user("manager")
    one, other, reason = make_machine(), make_machine(), make_reason(ReasonKind.DOWNTIME)

    def move(downtime, target, actor):
        with transaction.atomic():
            request = RequestFactory().post("/", {"machine": str(target.pk)})
            moved = office.get_object(request, str(downtime.pk))
            moved.machine = target
            save_downtime(moved, actor=actor, fields=["machine"])

    for day in race.rounds(range(2, 2 + 2 * ROUNDS, 2)):
        first, second = (
            MachineDowntime.objects.create(
                machine=machine,
                reason=reason,
                started_at=ago(days=at),
                ended_at=ago(days=at, minutes=-1),
            )
            for machine, at in ((one, day), (other, day + 1))
        )
        ended = race.at_once(
            lambda first=first: move(first, other, ann),
            lambda second=second: move(second, one, bob),
        )
        assert ended == {"done": 2}


def ago(**lasting):
    return timezone.now() - timedelta(**lasting)


def test_two_who_save_one_form(race):
    """The second is shown what the first stored: it is not overwritten."""
    typed = {"phone": "1", "city": "Graz"}
    clients = {field: Client() for field in typed}
    for client in clients.values():
        client.force_login(make_user("manager"))

    for customer in race.rounds(make_customer(city="Linz", phone="0") for _ in range(ROUNDS)):
        address = reverse("admin:customers_customer_change", args=[customer.pk])
        opened = clients["city"].get(address).context["adminform"].form
        data = {name: opened[name].value() or "" for name in opened.fields}
        answers = []
        race.at_once(
            *(
                lambda field=field, data=data, address=address, answers=answers: answers.append(
                    clients[field].post(address, data | {field: typed[field]}).status_code
                )
                for field in typed
            )
        )
        assert sorted(answers) == [200, 302]
