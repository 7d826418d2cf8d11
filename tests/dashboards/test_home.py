"""The board shows the state of the shop at a bounded cost, and each role its own home."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from apps.dashboards import selectors
from apps.jobs import services
from apps.jobs.models import WorkLog
from apps.machines.services import start_downtime
from apps.machines.states import ReasonKind
from apps.shop.selectors import today
from tests.factories import (
    make_customer,
    make_job,
    make_machine,
    make_process,
    make_reason,
    make_user,
    permit,
)

pytestmark = pytest.mark.django_db


def numbers() -> dict[str, str]:
    return {tile.label: tile.said for tile in selectors.board().tiles}


def test_the_signed_out_are_sent_to_sign_in(client):
    assert client.get("/").url == "/login/?next=/"


def test_tiles_count_jobs_by_what_needs_attention(planner):
    day = today()
    for due in (None, day - timedelta(days=1), day, day + timedelta(days=7), day + timedelta(8)):
        make_job(released=True, due_date=due)
    held = make_job(released=True, due_date=day - timedelta(days=3))
    services.hold_job(held.pk, actor=planner)
    make_job(due_date=day)

    assert numbers() == {"active jobs": "5", "late": "2", "due in 7 days": "2", "on hold": "1"}


def test_a_tile_counts_no_further_than_is_cheap(monkeypatch):
    monkeypatch.setattr(selectors, "COUNT_AT_MOST", 2)
    for _ in range(3):
        make_job(released=True)

    assert numbers()["active jobs"] == "2+"


def test_late_jobs_come_latest_first_and_ten_at_most(planner):
    for days in range(1, 12):
        make_job(released=True, due_date=today() - timedelta(days=days))

    late = selectors.board().late

    assert [each.job.due_date for each in late] == [
        today() - timedelta(days=days) for days in range(11, 1, -1)
    ]
    assert late[0].due.status == "late"


def test_lamps_say_what_runs_by_whom_and_why_one_is_down(sign_in, manager):
    process = make_process(name="Milling", needs_machine=True)
    running, broken = make_machine(process, name="Mill 7"), make_machine(name="Press 2")
    make_machine(name="Saw 1")
    step = make_job(process, released=True).steps.get()
    ayse = make_user("operator", full_name="Ayşe Kaya")
    permit(ayse, process)
    services.start_step(step.pk, actor=ayse, machine_id=running.pk)
    services.report_step(step.pk, services.Report(good=4), actor=ayse)
    reason = make_reason(ReasonKind.DOWNTIME, name="Tool change")
    at = timezone.now() - timedelta(minutes=22)
    start_downtime(broken.pk, reason=reason, actor=ayse, at=at)

    page = " ".join(sign_in(manager).get("/").content.decode().split())

    assert f"{step.job}</a> · Milling · 40%<br>Ayşe Kaya" in page
    assert "Tool change · since" in page
    assert "(22 min)" in page
    for name, state in (("Mill 7", "Running"), ("Press 2", "Down"), ("Saw 1", "Idle")):
        lamp = page.split(f"{name}</span>")[1]
        assert lamp.index(state) < lamp.index("</div>")
    assert page.index("Press 2") < page.index("Mill 7") < page.index("Saw 1")


def test_the_board_costs_the_same_for_two_of_everything_and_twenty(
    client, manager, operator, assert_flat
):
    process = make_process(needs_machine=True)
    permit(operator, process)
    reason = make_reason(ReasonKind.DOWNTIME)
    client.force_login(manager)

    def grow(rows: int) -> None:
        for _ in range(rows):
            machine, broken = make_machine(process), make_machine()
            late = make_job(process, released=True, due_date=today() - timedelta(days=1))
            services.start_step(late.steps.get().pk, actor=operator, machine_id=machine.pk)
            start_downtime(broken.pk, reason=reason, actor=operator)

    assert assert_flat(grow=grow, work=lambda: client.get("/")) == 9


def test_an_operators_home_says_how_much_there_is(sign_in, operator):
    process = make_process()
    permit(operator, process)
    steps = [make_job(process, released=True).steps.get() for _ in range(4)]
    for step in steps[:2]:
        services.start_step(step.pk, actor=operator)
    services.pause_step(steps[0].pk, actor=operator)

    page = sign_in(operator).get("/")

    said = {tile.label: tile.said for tile in page.context["tiles"]}
    assert said == {"running": "1", "paused": "1", "ready for you": "2"}
    assert reverse("tasks") in page.content.decode()


def test_an_operators_home_shows_nothing_of_the_shop(sign_in, operator):
    job = make_job(released=True, due_date=today() - timedelta(days=1))

    page = sign_in(operator).get("/").content.decode()

    assert job.number not in page
    assert "Office" not in page


def test_an_operators_home_costs_the_same_for_two_steps_and_twenty(client, operator, assert_flat):
    process = make_process()
    permit(operator, process)
    client.force_login(operator)

    def grow(rows: int) -> None:
        for _ in range(rows):
            make_job(process, released=True)

    assert assert_flat(grow=grow, work=lambda: client.get("/")) == 4


def test_each_role_is_led_to_the_places_it_may_enter(sign_in, planner, manager, administrator):
    for user in (planner, manager, administrator):
        client = sign_in(user)
        page = client.get("/")
        for _name, place in page.context["places"]:
            assert client.get(reverse(place)).status_code == 200, (user, place)


def test_each_tile_leads_to_the_jobs_it_counts(sign_in, planner):
    held, late = make_job(released=True), make_job(released=True, due_date=today() - timedelta(1))
    soon = make_job(released=True, due_date=today())
    services.hold_job(held.pk, actor=planner)
    client = sign_in(planner)
    jobs = reverse("admin:jobs_job_changelist")

    found = {
        tile.label: set(client.get(f"{jobs}?{tile.query}").context["cl"].result_list)
        for tile in client.get("/").context["board"].tiles
    }

    assert found == {
        "active jobs": {late, soon},
        "late": {late},
        "due in 7 days": {soon},
        "on hold": {held},
    }


# Five thousand jobs due over the last years, one in a hundred of them still active.
OLD_SHOP = """
INSERT INTO jobs (title, customer_id, quantity, priority, status, due_date, notes, released_at,
                  completed_at)
SELECT '', %s, 1, 1, CASE WHEN n %% 100 = 0 THEN 'active' ELSE 'completed' END,
       current_date - n / 5, '', now(), CASE WHEN n %% 100 <> 0 THEN now() END
FROM generate_series(5, 5000) n;
ANALYZE jobs;
"""


def test_late_jobs_are_read_without_passing_over_the_old(planner):
    with connection.cursor() as cursor:
        cursor.execute(OLD_SHOP, [make_customer().pk])

    plan = selectors.late_jobs("active")[:10].explain(analyze=True)

    assert "Scan using idx_jobs_status_due_date " in plan or "Scan using idx_jobs_due_date " in plan
    assert "Seq Scan on jobs" not in plan
    assert "Rows Removed" not in plan


def test_work_going_on_is_read_from_the_index_of_open_logs():
    with connection.cursor() as cursor:  # A small table would be scanned and sorted instead.
        for shortcut in ("seqscan", "bitmapscan", "sort"):
            cursor.execute(f"SET LOCAL enable_{shortcut} = off")

    plan = WorkLog.objects.open().order_by("step_id", "user_id")[:10].explain()

    assert "Scan using work_logs_open_uniq " in plan
    assert "Sort" not in plan


def test_browsers_that_ask_for_an_icon_get_ours(client):
    assert client.get("/favicon.ico").url == "/static/core/favicon.svg"
