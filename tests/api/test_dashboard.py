"""The board's numbers and the search, as programs get them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import Role
from apps.customers.models import Customer
from apps.dashboards.api import views
from apps.jobs import services
from apps.jobs.models import Job
from apps.jobs.states import JobStatus
from apps.machines.services import start_downtime
from apps.machines.states import ReasonKind
from apps.processes.models import Process
from apps.shop.selectors import start_of, today
from apps.shop.services import save_shop, seed_shop
from tests.factories import (
    make_customer,
    make_job,
    make_machine,
    make_process,
    make_reason,
    make_routing,
    make_step,
    make_user,
    permit,
    settle,
)

pytestmark = pytest.mark.django_db

BY_STATUS, BY_MONTH, LEAD_TIME, MACHINE_LOAD, SCRAP = CHARTS = tuple(
    f"dashboard/charts/{name}/"
    for name in ("jobs-by-status", "jobs-by-month", "lead-time", "machine-load", "scrap")
)
STATS, RECENT, LATE = "dashboard/stats/", "dashboard/recent-jobs/", "dashboard/late-jobs/"
ALL = (STATS, RECENT, LATE, *CHARTS, "search/?q=acme")


@pytest.fixture
def operating(program):
    return program("operator")


def ids(rows):
    return [row["id"] for row in rows]


@pytest.mark.parametrize("path", ALL)
def test_the_signed_out_are_told_nothing(client, path):
    assert client.get(f"/api/v1/{path}").status_code == 401


@pytest.mark.parametrize("path", ALL)
def test_unknown_parameters_are_refused_by_name(planning, path):
    answer = planning.get(f"{path}{'&' if '?' in path else '?'}colour=red")

    assert answer.status_code == 400
    assert [each["parameter"] for each in answer.json()["errors"]] == ["colour"]


@pytest.fixture
def shop(planner, manager):
    """A job in each state, one of them late, and one at which the manager works."""
    process = make_process()
    for due in (None, today() - timedelta(days=1), today()):
        make_job(process, released=True, due_date=due)
    make_job(process, process)
    held = make_job(process, released=True, due_date=today() - timedelta(days=9))
    services.hold_job(held.pk, actor=planner)
    services.cancel_job(make_job(process).pk, actor=planner)
    done, running = (make_job(process, released=True).steps.get() for _ in range(2))
    for step in (done, running):
        services.start_step(step.pk, actor=manager)
    services.complete_step(done.pk, services.Report(good=1), actor=manager)


def test_stats_count_everything_for_who_sees_all_jobs(shop, program, manager):
    before = timezone.now()
    told = program(manager).get(STATS).json()

    assert told["jobs"] == {
        "total": 8,
        "draft": 1,
        "active": 4,
        "on_hold": 1,
        "completed": 1,
        "cancelled": 1,
        "overdue": 2,
    }
    assert told["steps"] == {
        "pending": 2,
        "ready": 4,
        "in_progress": 1,
        "paused": 0,
        "completed": 1,
        "skipped": 0,
        "cancelled": 1,
    }
    # The job on hold is no task.
    assert told["my_tasks"] == {"ready": 3, "in_progress": 1, "paused": 0, "completed_today": 1}
    assert list(told) == ["jobs", "steps", "machines", "users", "my_tasks", "as_of"]
    assert before <= datetime.fromisoformat(told["as_of"]) <= timezone.now()


def test_stats_tell_the_states_of_machines_in_use_and_who_may_sign_in(program, manager):
    down, _idle, _gone = make_machine(), make_machine(), make_machine(is_active=False)
    reason = make_reason(ReasonKind.DOWNTIME)
    start_downtime(down.pk, reason=reason, actor=manager)
    make_user("operator", is_active=False)
    make_user("operator")

    told = program(manager).get(STATS).json()

    assert told["machines"] == {"total": 3, "active": 2, "idle": 1, "running": 0, "down": 1}
    roles = dict.fromkeys(Role.objects.values_list("name", flat=True), 0)
    assert told["users"] == {
        "total": 3,
        "active": 2,
        "by_role": roles | {"Manager": 1, "Operator": 1},
    }


def test_stats_of_who_does_not_see_all_jobs_are_their_own(operating):
    process = make_process()
    permit(operating.user, process)
    steps = [make_job(process, released=True).steps.get() for _ in range(3)]
    for step in steps[:2]:
        services.start_step(step.pk, actor=operating.user)
    services.complete_step(steps[0].pk, services.Report(good=1), actor=operating.user)
    make_step()

    told = operating.get(STATS).json()

    assert [name for name, each in told.items() if each is None] == ["jobs", "machines", "users"]
    assert {status: n for status, n in told["steps"].items() if n} == {
        "completed": 1,
        "in_progress": 1,
    }
    assert told["my_tasks"] == {"ready": 1, "in_progress": 1, "paused": 0, "completed_today": 1}


def test_who_may_not_see_users_is_not_told_how_many_there_are(program, supervisor):
    supervisor.role.group.permissions.filter(codename="view_user").delete()

    told = program(supervisor).get(STATS).json()

    assert told["users"] is None
    assert told["jobs"]["total"] == 0


@pytest.fixture
def move(administrator):
    """Return a function that moves the shop to another zone, as the office does."""

    def run(zone):
        shop = seed_shop()
        shop.time_zone = zone
        save_shop(shop, actor=administrator, fields=["time_zone"])
        settle()

    return run


@pytest.mark.parametrize(("before", "count"), [(timedelta(), 1), (timedelta(seconds=1), 0)])
def test_today_is_the_shops(operating, move, before, count):
    """In Kiritimati (UTC+14) yesterday evening in UTC is today."""
    move("Pacific/Kiritimati")
    at = start_of(today()) - before
    steps = make_step().job.steps
    steps.update(assigned_to=operating.user, status="in_progress", started_at=at)
    steps.update(status="completed", completed_at=at)

    told = operating.get(STATS).json()

    assert told["my_tasks"]["completed_today"] == count


def test_recent_jobs_are_the_newest_that_one_may_see(planning, operating):
    process = make_process()
    permit(operating.user, process)
    own = make_job(process, released=True)
    jobs = [make_job() for _ in range(11)]

    told = planning.get(RECENT).json()

    assert ids(told["results"]) == [job.pk for job in reversed(jobs)][:10]
    assert told["results"][0] == planning.get(f"jobs/{jobs[-1].pk}/").json()
    assert ids(operating.get(RECENT).json()["results"]) == [own.pk]


def test_every_status_has_its_count(planning):
    make_job()
    make_job(make_process(), released=True)

    told = planning.get(BY_STATUS).json()["results"]

    assert {row["status"]: row["count"] for row in told} == {
        "draft": 1,
        "active": 1,
        "on_hold": 0,
        "completed": 0,
        "cancelled": 0,
    }
    assert [row["status"] for row in told] == JobStatus.values


@pytest.fixture
def end_of_may(monkeypatch):
    """The last day of May 2026 is today."""
    monkeypatch.setattr(views, "today", lambda: date(2026, 5, 31))


def test_months_are_the_shops_and_none_is_left_out(planning, move, end_of_may):
    """The last second of April in UTC is May in Istanbul."""
    move("Europe/Istanbul")
    job, older, done = make_job(), make_job(), make_job(make_process(), released=True)
    may = datetime(2026, 4, 30, 23, 59, 59, tzinfo=UTC)
    Job.objects.filter(pk=job.pk).update(created_at=may)
    Job.objects.filter(pk=older.pk).update(created_at=datetime(2025, 5, 1, tzinfo=UTC))
    Job.objects.filter(pk=done.pk).update(
        status="completed",
        created_at=datetime(2026, 4, 1, tzinfo=UTC),
        released_at=datetime(2026, 4, 1, tzinfo=UTC),
        completed_at=may,
    )

    told = planning.get(BY_MONTH).json()["results"]

    assert [row["month"] for row in told] == [
        *(f"2025-{month:02}-01" for month in range(6, 13)),
        *(f"2026-{month:02}-01" for month in range(1, 6)),
    ]
    assert told[-1] == {"month": "2026-05-01", "created": 1, "completed": 1}
    assert told[-2] == {"month": "2026-04-01", "created": 1, "completed": 0}
    assert sum(row["created"] for row in told) == 2


def test_lead_times_are_told_of_the_month_of_completion(planning, end_of_may):
    april, may = (datetime(2026, month, 1, 12, tzinfo=UTC) for month in (4, 5))
    for days, completed_at in ((0, may), (1, may), (9, may), (4, april)):
        job = make_job(make_process(), released=True)
        released_at = completed_at - timedelta(days=days, hours=23)
        Job.objects.filter(pk=job.pk).update(
            status="completed", released_at=released_at, completed_at=completed_at
        )

    told = planning.get(LEAD_TIME).json()["results"]

    assert len(told) == 12
    assert told[-3:] == [
        {"month": "2026-03-01", "completed": 0, "p50_days": None, "p90_days": None},
        {"month": "2026-04-01", "completed": 1, "p50_days": 4, "p90_days": 4},
        {"month": "2026-05-01", "completed": 3, "p50_days": 1, "p90_days": 9},
    ]


def test_machine_load_tells_what_waits_and_runs_and_who_is_down(planning, manager):
    process = make_process(needs_machine=True)
    busy, down, _gone = make_machine(process), make_machine(process), make_machine(is_active=False)
    start_downtime(down.pk, reason=make_reason(ReasonKind.DOWNTIME), actor=manager)
    running, waiting = (make_job(process, released=True).steps.get() for _ in range(2))
    services.start_step(running.pk, actor=manager, machine_id=busy.pk)
    waiting.job.steps.update(machine=down, planned_minutes=40)

    told = planning.get(MACHINE_LOAD).json()["results"]

    assert told == [
        {
            "machine": {"id": down.pk, "name": down.name, "code": down.code},
            "status": "down",
            "is_down": True,
            "waiting_minutes": 40,
            "waiting_steps": 1,
            "running_minutes": 0,
            "running_steps": 0,
        },
        {
            "machine": {"id": busy.pk, "name": busy.name, "code": busy.code},
            "status": "running",
            "is_down": False,
            "waiting_minutes": 0,
            "waiting_steps": 0,
            "running_minutes": 25,
            "running_steps": 1,
        },
    ]


def test_scrap_is_told_by_process_and_by_month(planning, manager):
    milling, turning, _unused = make_process(), make_process(), make_process()
    for process, good, scrap in ((milling, 9, 0), (turning, 5, 1), (turning, 2, 0)):
        step = make_job(process, released=True).steps.get()
        services.start_step(step.pk, actor=manager)
        made = services.Report(good=good, scrap=scrap, scrap_reason=make_reason())
        services.complete_step(step.pk, made, actor=manager)

    told = planning.get(SCRAP).json()

    assert told["by_process"] == [
        {"good": 7, "scrap": 1, "rework": 0, "rate": 0.125}
        | {"process": {"id": turning.pk, "name": turning.name, "code": turning.code}},
        {"good": 9, "scrap": 0, "rework": 0, "rate": 0.0}
        | {"process": {"id": milling.pk, "name": milling.name, "code": milling.code}},
    ]
    assert len(told["by_month"]) == 12
    this_month = {"month": str(today().replace(day=1))}
    assert told["by_month"][-1] == this_month | {
        "good": 16,
        "scrap": 1,
        "rework": 0,
        "rate": 0.0588,
    }
    assert told["by_month"][0]["rate"] is None


def test_late_jobs_are_told_longest_late_first_with_how_late(planning, planner, operating):
    process = make_process()
    permit(operating.user, process)
    day = today()
    for due in (None, day, day + timedelta(days=1)):
        make_job(process, released=True, due_date=due)
    make_job(process, due_date=day - timedelta(days=30))  # A draft is not late.
    held = make_job(process, released=True, due_date=day - timedelta(days=3))
    services.hold_job(held.pk, actor=planner)
    others = make_job(released=True, due_date=day - timedelta(days=1), title="Frame")

    told = planning.get(LATE).json()["results"]

    assert [(row["id"], row["days_late"]) for row in told] == [(held.pk, 3), (others.pk, 1)]
    assert told[1] == {
        "id": others.pk,
        "number": others.number,
        "title": "Frame",
        "status": "active",
        "customer": {"id": others.customer_id, "name": others.customer.name},
        "steps_total": 1,
        "steps_done": 0,
        "due_date": str(day - timedelta(days=1)),
        "days_late": 1,
    }
    assert ids(operating.get(LATE).json()["results"]) == [held.pk]


@pytest.mark.parametrize("path", CHARTS)
def test_charts_are_for_who_sees_all_jobs(operating, program, path):
    assert operating.get(path).status_code == 403
    assert program("viewer").get(path).status_code == 200


@pytest.fixture
def grow(planner, manager):
    """Return a function that makes so much more of everything there is."""
    reason, scrapped = make_reason(ReasonKind.DOWNTIME), make_reason()

    process = make_process()
    routing = make_routing(process)

    def run(rows):
        for _ in range(rows):
            machine, broken, customer = make_machine(process), make_machine(), make_customer()
            for days in (1, 0):
                job = make_job(
                    actor=planner,
                    customer=customer,
                    routing=routing,
                    released=True,
                    due_date=today() - timedelta(days=days),
                )
                step = job.steps.get()
                services.start_step(step.pk, actor=manager, machine_id=machine.pk)
            made = services.Report(good=10, scrap=1, scrap_reason=scrapped, allow_over=True)
            services.complete_step(step.pk, made, actor=manager)
            make_process()
            start_downtime(broken.pk, reason=reason, actor=manager)

    return run


@pytest.mark.parametrize(
    ("role", "paths"),
    [("planner", (STATS, RECENT, LATE, *CHARTS)), ("operator", (STATS, RECENT, LATE))],
)
def test_each_answer_costs_one_query_a_part_for_few_and_many(
    program, grow, assert_flat, role, paths
):
    asking = program(role)
    grow(1)
    for process in Process.objects.all():
        permit(asking.user, process)
    asking.get(STATS)  # From here on the user, their role and its rights are known.

    def ask_each():
        for path in paths:
            with CaptureQueriesContext(connection) as captured:
                assert asking.get(path).status_code == 200
            parts = 2 if (role, path) == ("planner", STATS) else 1  # The shop's, and one's own.
            assert len(captured) == parts, path

    assert_flat(grow=grow, work=ask_each)


def test_a_search_costs_three_queries_for_few_and_many(planning, assert_flat):
    def grow(rows):
        for _ in range(rows):
            make_job(make_process(), title="Job", customer=make_customer(name="Jobst"))
            make_machine(name="Job machine")

    assert assert_flat(grow=grow, work=lambda: planning.get("search/?q=job")) == 3


def test_a_term_finds_customers_jobs_and_machines(planning):
    customer = make_customer(name="Acme Works", city="Bursa")
    job = make_job(customer=customer, title="Frame")
    machine = make_machine(code="ACME-1", name="Press")
    make_customer(name="Other")
    make_machine(name="Other")

    told = planning.get("search/?q=acme").json()

    assert told == {
        "customers": [{"id": customer.pk, "code": customer.code, "name": "Acme Works"}],
        "jobs": [
            {
                "id": job.pk,
                "number": job.number,
                "title": "Frame",
                "status": "draft",
                "customer": {"id": customer.pk, "name": "Acme Works"},
            }
        ],
        "machines": [{"id": machine.pk, "code": "ACME-1", "name": "Press", "status": "idle"}],
    }
    assert ids(planning.get(f"search/?q={job.number.lower()}").json()["jobs"]) == [job.pk]


def test_a_search_finds_ten_of_each_at_most(planning):
    for n in range(11):
        make_job(customer=make_customer(name=f"Acme {n:02}"))
        make_machine(code=f"ACME-{n:02}")

    told = planning.get("search/?q=acme").json()

    assert {name: len(rows) for name, rows in told.items()} == dict.fromkeys(told, 10)
    assert told["customers"][0]["name"] == "Acme 00"
    assert ids(told["jobs"]) == sorted(ids(told["jobs"]), reverse=True)


def test_a_search_finds_only_what_one_may_see(operating, django_assert_num_queries):
    process = make_process()
    permit(operating.user, process)
    customer = make_customer(name="Acme")
    own = make_job(process, customer=customer, released=True)
    make_job(customer=customer, released=True)
    operating.get("search/?q=acme")

    with django_assert_num_queries(2):
        told = operating.get("search/?q=acme").json()

    assert (told["customers"], ids(told["jobs"])) == ([], [own.pk])


@pytest.mark.parametrize("query", ["", "?q=", "?q=%20%20", f"?q={'a' * 101}", "?q=a&q=b"])
def test_a_search_without_a_term_is_refused(planning, query):
    answer = planning.get(f"search/{query}")

    assert answer.status_code == 400
    assert [each["parameter"] for each in answer.json()["errors"]] == ["q"]


@pytest.mark.parametrize(
    "term",
    ["%", "_", "\\", "'", "%25%27", "JOB-", "JOB-²", "%F0%9F%98%80", "%0A", "a%20%20b", "ß" * 99],
    ids=ascii,
)
def test_no_term_is_too_much(planning, term):
    make_job(customer=Customer.objects.create(name="Acme 100 %"))

    assert planning.get(f"search/?q={term}x").status_code == 200
