"""The start of a shift: what can run now, what cannot and why, and when jobs will be done."""

from datetime import date, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.floor import shift
from apps.floor.supervision import Reading, Shown
from apps.jobs import services
from apps.jobs.models import JobStep
from apps.machines.services import start_downtime
from apps.machines.states import ReasonKind
from apps.shop.models import Holiday, Shift
from apps.shop.selectors import today
from tests.factories import make_job, make_machine, make_process, make_reason, make_user, permit

pytestmark = pytest.mark.django_db


@pytest.fixture
def milling(supervisor, operator):
    process = make_process(name="Milling", needs_machine=True)
    permit(supervisor, process, "can_supervise")
    permit(operator, process)
    return process


@pytest.fixture
def mill(milling):
    return make_machine(milling, code="MIL-1", name="Mill")


@pytest.fixture
def here(operator):
    operator.last_login = timezone.now()
    operator.save(update_fields=["last_login"])
    return operator


def ready(process, **fields) -> JobStep:
    return make_job(process, released=True, **fields).steps.get()


def plan(user) -> shift.Plan:
    return shift.plan(Reading(user, None, shift.SHOWN))


def go_down(machine, user) -> None:
    reason = make_reason(ReasonKind.DOWNTIME, name="Tool change")
    start_downtime(machine.pk, reason=reason, actor=user)


def test_a_ready_step_can_run_with_a_machine_up_and_somebody_here_who_may(
    supervisor, here, milling, mill
):
    step = ready(milling)

    (verdict,) = plan(supervisor).can_run

    assert (verdict.card.pk, verdict.who) == (step.pk, (str(here),))


def test_who_may_do_a_step_are_named_up_to_three_and_the_others_counted(
    supervisor, here, milling, mill
):
    for _ in range(4):
        make_user("operator", last_login=timezone.now())
    ready(milling)

    (verdict,) = plan(supervisor).can_run

    assert (len(verdict.who), verdict.more) == (3, 2)


def test_a_step_whose_machine_is_down_cannot_run_and_it_says_since_when_and_why(
    supervisor, here, milling, mill
):
    step = ready(milling)
    services.move_step(step.pk, mill.pk, actor=supervisor)
    go_down(mill, supervisor)

    found = plan(supervisor)

    assert found.can_run == ()
    assert found.cannot[0].why.startswith("MIL-1 Mill is down since")
    assert found.cannot[0].why.endswith(": Tool change")


def test_a_step_of_any_machine_cannot_run_while_all_that_can_do_it_are_down(
    supervisor, here, milling, mill
):
    ready(milling)
    go_down(mill, supervisor)

    assert plan(supervisor).cannot[0].why == "no machine for Milling is up"

    make_machine(milling)
    assert plan(supervisor).cannot == ()


def test_a_machine_that_the_page_has_no_room_for_can_do_it_too(supervisor, here, milling, mill):
    ready(milling)
    go_down(mill, supervisor)
    make_machine(milling)
    little = Shown(machines=1, paused=0)  # Those that are down come first.

    found = shift.plan(Reading(supervisor, None, little))

    assert [lamp.is_down for lamp in found.floor.lamps] == [True]
    assert found.cannot == ()


def test_a_step_cannot_run_where_nobody_here_works_on_its_process(supervisor, milling, mill):
    ready(milling)

    assert plan(supervisor).cannot[0].why == "nobody here works on Milling"


def test_a_step_of_somebody_who_was_not_seen_today_cannot_run(supervisor, here, milling, mill):
    absent = make_user("operator", full_name="Absent Abby")
    step = ready(milling)
    services.assign_step(step.pk, absent, actor=supervisor)

    assert plan(supervisor).cannot[0].why == "Absent Abby has it, and was not seen today"

    services.assign_step(step.pk, here, actor=supervisor)
    assert plan(supervisor).can_run[0].who == (str(here),)


def test_a_step_that_waits_says_which_ones_before_it(supervisor, here, milling, mill):
    painting = make_process(name="Painting")
    permit(supervisor, painting, "can_supervise")
    job = make_job(milling, painting, released=True)
    first = job.steps.order_by("sequence")[0]
    services.start_step(first.pk, actor=here, machine_id=mill.pk)

    (waiting,) = plan(supervisor).waiting

    assert (waiting.job, waiting.process) == (str(job), "Painting")
    assert waiting.for_what == f"Milling (in progress, {here})"


@pytest.fixture
def noon(monkeypatch):
    """A Monday's noon, in a shop that works from eight to four."""
    Shift.objects.create(name="Day", starts_at=time(8), ends_at=time(16))
    now = timezone.now().replace(year=2030, month=1, day=7, hour=12, minute=0, second=0)
    monkeypatch.setattr(timezone, "now", lambda: now)
    return now


def planned(step: JobStep, minutes: int, **fields) -> JobStep:
    JobStep.objects.filter(pk=step.pk).update(planned_minutes=minutes, **fields)
    return step


def test_jobs_are_done_when_their_machines_get_to_them_within_the_shifts(
    supervisor, milling, mill, noon
):
    first = planned(ready(milling, priority=3), 180)
    second = planned(ready(milling), 120)
    third = planned(ready(milling, priority=0), 600)
    Holiday.objects.create(date=date(2030, 1, 8), name="Closed")

    promises = plan(supervisor).promises

    assert [(each.job_id, each.done) for each in promises] == [
        (first.job_id, "today 15:00"),
        (second.job_id, "Wed 9 Jan"),
        (third.job_id, "Thu 10 Jan"),
    ]


def test_a_job_is_foretold_late_only_past_the_end_of_its_day(supervisor, milling, mill, noon):
    in_time = planned(ready(milling, due_date=date(2030, 1, 7), priority=3), 180)
    late = planned(ready(milling, due_date=date(2030, 1, 7)), 120)

    promises = {each.job_id: each for each in plan(supervisor).promises}

    assert not promises[in_time.job_id].is_late
    assert promises[late.job_id].is_late
    assert promises[late.job_id].done == "tomorrow 09:00"


def test_what_was_reported_already_takes_no_more_time(supervisor, here, milling, mill, noon):
    step = planned(ready(milling, quantity=10), 100)
    services.start_step(step.pk, actor=here, machine_id=mill.pk)
    services.report_step(step.pk, services.Report(good=5), actor=here)

    (promise,) = plan(supervisor).promises

    assert promise.done == "today 12:50"


def test_a_job_that_goes_on_where_one_supervises_nothing_is_foretold_all_the_same(
    supervisor, milling, mill, noon
):
    turning = make_process(needs_machine=True)
    make_machine(turning)
    job = make_job(milling, turning, released=True)
    job.steps.update(planned_minutes=30)

    (promise,) = plan(supervisor).promises

    assert promise.done == "today 13:00"


def test_when_a_job_that_waits_for_a_machine_that_is_down_is_done_nobody_knows(
    supervisor, milling, mill
):
    step = ready(milling, due_date=today() - timedelta(days=1))
    services.move_step(step.pk, mill.pk, actor=supervisor)
    go_down(mill, supervisor)

    (promise,) = plan(supervisor).promises

    assert (promise.done, promise.is_late, promise.why) == ("", False, "MIL-1 Mill is down")


def test_the_page_says_that_it_is_a_forecast_and_by_which_hours(client, supervisor, milling, mill):
    ready(milling)
    client.force_login(supervisor)

    page = client.get(reverse("shift")).content.decode()
    assert "A forecast" in page
    assert "round the clock, since no shifts are entered" in page

    Shift.objects.create(name="Day", starts_at=time(8), ends_at=time(16))
    assert "within the shifts" in client.get(reverse("shift")).content.decode()
