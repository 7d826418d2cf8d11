"""What users are told, and what they have read."""

from datetime import timedelta

import pytest
from celery import current_app
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.jobs import services as jobs
from apps.jobs.models import JobStep
from apps.notifications import services
from apps.notifications.errors import NotYours
from apps.notifications.models import Notification
from apps.notifications.services import KEPT_FOR
from apps.notifications.states import NotificationKind
from tests.factories import make_machine, make_step, make_user, permit

pytestmark = pytest.mark.django_db

KIND = NotificationKind.STEP_ASSIGNED


def tell(user, title="Something"):
    return services.notify(user, kind=KIND, title=title)


@pytest.fixture
def step():
    return make_step()


@pytest.fixture
def worker(operator, step):
    permit(operator, step.process)
    return operator


def test_one_sees_ones_own_whoever_one_is(operator, administrator):
    mine, theirs = tell(operator), tell(administrator)

    for user, own in ((operator, mine), (administrator, theirs)):
        assert list(Notification.objects.visible_to(user)) == [own]


def test_the_latest_come_first_and_the_unread_are_those_not_read(operator):
    first, second, third = (tell(operator, title) for title in "abc")
    services.mark_read(second.pk, actor=operator)

    assert list(Notification.objects.latest_first()) == [third, second, first]
    assert set(Notification.objects.unread()) == {first, third}


def test_reading_counts_the_first_time(operator):
    notice = tell(operator)
    read = services.mark_read(notice.pk, actor=operator)
    assert read.read_at is not None

    again = services.mark_read(notice.pk, actor=operator)

    assert again.read_at == read.read_at
    assert again.version == 1  # A list that shows it is no form that was overtaken.


def test_nobody_reads_for_another(operator, administrator):
    notice = tell(operator)

    for missing in (notice.pk, 0):
        with pytest.raises(NotYours):
            services.mark_read(missing, actor=administrator)
    assert services.mark_all_read(actor=administrator) == 0
    assert Notification.objects.unread().count() == 1


def test_all_is_read_in_one_statement(operator):
    for title in "abc":
        tell(operator, title)

    with CaptureQueriesContext(connection) as captured:
        assert services.mark_all_read(actor=operator) == 3

    assert len(captured) == 1
    assert services.mark_all_read(actor=operator) == 0


def test_what_is_taken_back_was_never_told(operator):
    with transaction.atomic():
        tell(operator)
        transaction.set_rollback(True)

    assert not Notification.objects.exists()


def test_a_title_is_cut_to_what_a_list_shows(operator):
    notice = tell(operator, "long " * 100)

    assert len(Notification.objects.get(pk=notice.pk).title) == 200


def test_what_was_read_long_ago_is_cleared_and_the_rest_is_kept(operator, monkeypatch):
    monkeypatch.setattr(services, "BATCH", 2)
    now, old = timezone.now(), timezone.now() - KEPT_FOR - timedelta(days=1)
    kept = [tell(operator, "unread for long"), tell(operator, "read today")]
    gone = [tell(operator) for _ in range(5)]
    rows = Notification.objects.all()
    rows.update(created_at=old - timedelta(days=1))
    rows.filter(pk=kept[1].pk).update(read_at=now)
    rows.filter(pk__in=[notice.pk for notice in gone]).update(read_at=old)

    current_app.tasks["notifications.clear_read"].apply().get()

    assert set(rows) == set(kept)
    assert services.clear_read() == 0


# What users are told of.


def test_who_is_given_a_step_by_someone_else_is_told(step, worker, manager):
    jobs.assign_step(step.pk, worker, actor=manager)

    notice = Notification.objects.get()
    assert (notice.recipient, notice.kind, notice.read_at) == (worker, KIND, None)
    assert notice.title == f"Step 10 {step.process} of {step.job} is yours"
    assert notice.body == f"Given to you by {manager}."
    assert notice.link == reverse("task", args=[step.pk])


def test_nobody_is_told_of_what_they_have_or_took_or_lost(step, worker, manager):
    jobs.assign_step(step.pk, manager, actor=manager)
    assert not Notification.objects.exists()

    for _ in range(2):
        jobs.assign_step(step.pk, worker, actor=manager)
    jobs.assign_step(step.pk, None, actor=manager)
    assert Notification.objects.count() == 1


def test_who_is_given_a_step_as_it_is_added_or_saved_is_told(step, worker, manager):
    added = jobs.add_step(
        JobStep(job=step.job, sequence=20, process=step.process, assigned_to=worker), actor=manager
    )
    assert added.assigned_to == worker
    step.assigned_to = worker
    jobs.save_step(step, actor=manager, fields=["assigned_to"])

    assert Notification.objects.visible_to(worker).count() == 2


def test_an_assignment_that_is_refused_tells_nobody(step, manager):
    with pytest.raises(Exception, match="may not work on"):
        jobs.assign_step(step.pk, make_user("viewer"), actor=manager)

    assert not Notification.objects.exists()


def test_who_called_for_help_is_told_who_comes(step, worker, supervisor):
    machine = make_machine(name="Laser")
    calls = [
        jobs.raise_help(actor=worker, step_id=step.pk, note="Burr"),
        jobs.raise_help(actor=worker, machine_id=machine.pk),
        jobs.raise_help(actor=supervisor, machine_id=machine.pk),  # Who answers it knows.
    ]

    for call in calls:
        jobs.answer_help(call.pk, actor=supervisor)

    told = Notification.objects.order_by("pk").values_list(
        "recipient", "kind", "title", "body", "link"
    )
    kind = NotificationKind.HELP_ANSWERED
    place = f"Step 10 {step.process} of {step.job}"
    page = reverse("task", args=[step.pk])
    assert list(told) == [
        (worker.pk, kind, f"{supervisor} is on the way to {place}", "Burr", page),
        (worker.pk, kind, f"{supervisor} is on the way to {machine}", "", ""),
    ]


def test_working_on_a_step_tells_nobody(step, worker, manager):
    jobs.start_step(step.pk, actor=worker)
    jobs.report_step(step.pk, jobs.Report(good=1), actor=worker)
    jobs.complete_step(step.pk, actor=worker)

    assert not Notification.objects.exists()


# The office.


def test_the_office_shows_ones_own_to_read(client, administrator, operator):
    own, other = tell(administrator, "Mine"), tell(operator, "Theirs")
    client.force_login(administrator)
    page = "admin:notifications_notification_change"

    listed = client.get(reverse("admin:notifications_notification_changelist"))
    assert list(listed.context["cl"].result_list) == [own]
    assert client.get(reverse(page, args=[own.pk])).status_code == 200
    assert client.get(reverse(page, args=[other.pk])).status_code == 302
    assert client.post(reverse(page, args=[own.pk]), {"title": "x"}).status_code == 403
    assert client.get(reverse("admin:notifications_notification_add")).status_code == 403


def test_the_offices_list_costs_the_same_for_two_and_for_twenty(client, administrator, assert_flat):
    client.force_login(administrator)
    address = reverse("admin:notifications_notification_changelist")

    assert (
        assert_flat(
            grow=lambda rows: [tell(administrator) for _ in range(rows)],
            work=lambda: client.get(address),
        )
        <= 8
    )
