"""Which steps the statement finds, and what each card says: held against the querysets."""

from random import Random

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from apps.floor import selectors
from apps.floor.cards import Reader
from apps.jobs import services
from apps.jobs.models import JobStep, RoutingStep, WorkLog
from apps.machines.services import start_downtime
from apps.machines.states import ReasonKind
from tests.factories import (
    make_job,
    make_machine,
    make_part,
    make_process,
    make_reason,
    make_user,
    permit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def process(operator):
    process = make_process(name="Milling")
    permit(operator, process)
    return process


@pytest.fixture
def media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


def ready(process, **fields) -> JobStep:
    return make_job(process, released=True, **fields).steps.get()


def work_of(user):
    return selectors.my_work(Reader(user))


def test_the_page_shows_what_the_querysets_answer(operator, manager, planner, process):
    """A shop in some disorder: what the statements choose is what the querysets mean."""
    chance, hidden = Random(4), make_process()  # noqa: S311 - the same disorder each time
    friend = make_user("operator")
    for number in range(30):
        step = make_job(
            chance.choice([process, process, hidden]), released=True, priority=chance.randrange(4)
        ).steps.get()
        if number % 3 == 0:
            able = [manager] if step.process == hidden else [operator, manager]
            services.assign_step(step.pk, chance.choice(able), actor=manager)
        if number % 4 == 0 and step.process == process:
            worker = chance.choice([operator, friend])
            services.start_step(step.pk, actor=worker, take_over=True)
            if number % 8 == 0:
                services.pause_step(step.pk, actor=worker)
        if number % 7 == 0:
            services.hold_job(step.job_id, actor=planner)

    work = work_of(operator)
    running = WorkLog.objects.open().filter(user=operator).order_by("pk")
    startable = JobStep.objects.ready_for(operator) | JobStep.objects.ready_for_anyone([process.pk])
    next_ones = [step.pk for step in startable.in_dispatch_order()]

    assert [task.card.pk for task in work.upcoming] == next_ones[: selectors.SHOWN_NEXT]
    assert work.has_more == (len(next_ones) > selectors.SHOWN_NEXT)
    assert [task.card.pk for task in work.running] == [log.step_id for log in running]
    put_down = set(JobStep.objects.paused_for(operator).values_list("pk", flat=True))
    assert put_down
    assert put_down <= {task.card.pk for task in work.waiting}
    lists = selectors.my_steps(operator)
    assert lists["running"] == [task.card.pk for task in work.running]
    assert set(lists["ready"]) == set(next_ones)
    on_page = {task.card.pk for task in work.waiting}
    assert {*lists["waiting"], *lists["machine_down"]} == on_page


def test_what_waits_says_for_what(operator, manager, planner, process):
    held, paused = ready(process), ready(process)
    for step in (held, paused):
        services.start_step(step.pk, actor=operator)
        services.pause_step(step.pk, actor=operator)
    services.hold_job(held.job_id, actor=planner)
    machine = make_machine(process, name="Mill 7")
    down, nobodys = ready(process), ready(process)
    JobStep.objects.filter(pk__in=[down.pk, nobodys.pk]).update(machine=machine)
    services.assign_step(down.pk, operator, actor=manager)
    start_downtime(machine.pk, reason=make_reason(ReasonKind.DOWNTIME), actor=operator)
    job = make_job(process, process, released=True)
    first, second = job.steps.order_by("sequence")
    services.assign_step(second.pk, operator, actor=manager)

    work = work_of(operator)

    assert {task.card.pk: task.why for task in work.waiting} == {
        paused.pk: "",
        held.pk: f"{held.job} is on hold.",
        down.pk: f"{machine} is down.",
        second.pk: "Waits for Milling, which is ready.",
    }
    assert [task.card.pk for task in work.upcoming] == [first.pk]
    assert work.waiting[-1].card.pk == second.pk  # What has not begun comes last.
    by_key = {task.card.pk: task.next.offer for task in work.waiting}
    assert by_key.pop(paused.pk).word == "Resume"
    assert set(by_key.values()) == {None}
    at_it = selectors.my_work(Reader(operator, stand=machine.pk))
    assert {down.pk, nobodys.pk} <= {task.card.pk for task in at_it.waiting}


def test_a_card_says_what_comes_before_and_after_but_not_what_one_may_not_see(operator, process):
    after, secret = make_process(name="Deburring"), make_process(name="Secret")
    permit(operator, after, "can_view")
    before_too = make_job(secret, process, after, released=True)
    first, second, _ = before_too.steps.order_by("sequence")
    services.skip_step(first.pk, actor=make_user("manager"))

    (task,) = work_of(operator).upcoming

    assert (task.card.pk, task.card.place, task.card.steps_total) == (second.pk, 2, 3)
    assert task.before is None
    assert (task.after.process, task.after.status) == ("Deburring", "pending")


def attach(target, name, title=""):
    upload = ContentFile(b"A note.", name)
    actor = make_user("manager")
    return services.attach_file(target=target, upload=upload, title=title, actor=actor)


@pytest.mark.usefixtures("media")
def test_drawings_of_job_part_step_and_routing_step_are_a_tap_away(operator, process, sign_in):
    job = make_job(process, released=True, part=make_part())
    step = job.steps.get()
    bare = ready(process)
    client = sign_in(operator)
    one = attach(job.part, "part.txt")
    (shown, _) = work_of(operator).upcoming
    assert (shown.card.files, shown.card.file_id) == (1, one.pk)
    page = client.get(reverse("tasks")).content.decode()
    assert f'href="/files/{one.pk}/"' in page

    planned = RoutingStep.objects.get(routing=job.routing)
    attach(job, "job.txt"), attach(step, "step.txt"), attach(planned, "routing.txt", "How to clamp")
    (shown, other) = work_of(operator).upcoming

    assert (shown.card.files, other.card.pk, other.card.files) == (4, bare.pk, 0)
    assert f'href="/tasks/{step.pk}/#files"' in client.get(reverse("tasks")).content.decode()
    page = client.get(reverse("task", args=[step.pk])).content.decode()
    names = ("part.txt", "job.txt", "step.txt", "How to clamp")
    assert [name for name in names if name not in page] == []


@pytest.mark.usefixtures("media")
def test_who_may_not_see_a_routings_file_is_not_led_to_it(operator, manager):
    hidden = make_process()
    job = make_job(hidden, released=True)
    services.assign_step(job.steps.get().pk, manager, actor=manager)
    attach(RoutingStep.objects.get(routing=job.routing), "routing.txt")
    JobStep.objects.filter(job=job).update(assigned_to=operator)

    (task,) = work_of(operator).upcoming

    assert task.card.files == 0


def test_help_that_was_called_shows_until_it_is_answered(operator, supervisor, process):
    step = ready(process)
    call = services.raise_help(actor=operator, step_id=step.pk)

    called = work_of(operator).upcoming[0].card.is_help_called
    services.answer_help(call.pk, actor=supervisor)

    assert (called, work_of(operator).upcoming[0].card.is_help_called) == (True, False)
