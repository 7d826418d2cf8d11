"""The board's numbers and the search, as programs get them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from apps.accounts.models import Role
from apps.customers.models import Customer
from apps.dashboards import figures
from apps.jobs import services
from apps.jobs.models import Job
from apps.jobs.states import JobStatus
from apps.machines.services import start_downtime
from apps.machines.states import ReasonKind
from apps.shop.models import Shop
from apps.shop.selectors import cached_shop, today
from tests.factories import (
    make_customer,
    make_job,
    make_machine,
    make_process,
    make_reason,
    make_step,
    make_user,
    permit,
)

pytestmark = pytest.mark.django_db

CHARTS = ("dashboard/charts/jobs-by-status/", "dashboard/charts/jobs-by-month/")
ALL = ("dashboard/stats/", "dashboard/recent-jobs/", *CHARTS, "search/?q=acme")


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
    told = program(manager).get("dashboard/stats/").json()

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

    told = program(manager).get("dashboard/stats/").json()

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

    told = operating.get("dashboard/stats/").json()

    assert [name for name, each in told.items() if each is None] == ["jobs", "machines", "users"]
    assert {status: n for status, n in told["steps"].items() if n} == {
        "completed": 1,
        "in_progress": 1,
    }
    assert told["my_tasks"] == {"ready": 1, "in_progress": 1, "paused": 0, "completed_today": 1}


def test_who_may_not_see_users_is_not_told_how_many_there_are(program, supervisor):
    supervisor.role.group.permissions.filter(codename="view_user").delete()

    told = program(supervisor).get("dashboard/stats/").json()

    assert told["users"] is None
    assert told["jobs"]["total"] == 0


def test_today_is_the_shops(operating):
    """At noon in Kiritimati (UTC+14) yesterday evening in UTC is today."""
    Shop.objects.update(time_zone="Pacific/Kiritimati")
    cached_shop.renew(Shop.ONLY)
    step = make_step()
    start = figures.start_of(figures.today())
    for completed_at, count in ((start, 1), (start - timedelta(seconds=1), 0)):
        step.job.steps.update(
            assigned_to=operating.user,
            status="ready",
            started_at=None,
            completed_at=None,
        )
        step.job.steps.update(status="in_progress", started_at=start - timedelta(hours=1))
        step.job.steps.update(status="completed", completed_at=completed_at)
        told = operating.get("dashboard/stats/").json()
        assert told["my_tasks"]["completed_today"] == count
        step.job.steps.update(status="in_progress", completed_at=None)


def test_recent_jobs_are_the_newest_that_one_may_see(planning, operating):
    process = make_process()
    permit(operating.user, process)
    own = make_job(process, released=True)
    jobs = [make_job() for _ in range(11)]

    told = planning.get("dashboard/recent-jobs/").json()

    assert ids(told["results"]) == [job.pk for job in reversed(jobs)][:10]
    assert told["results"][0] == planning.get(f"jobs/{jobs[-1].pk}/").json()
    assert ids(operating.get("dashboard/recent-jobs/").json()["results"]) == [own.pk]


def test_every_status_has_its_count(planning):
    make_job()
    make_job(make_process(), released=True)

    told = planning.get(CHARTS[0]).json()["results"]

    assert {row["status"]: row["count"] for row in told} == {
        "draft": 1,
        "active": 1,
        "on_hold": 0,
        "completed": 0,
        "cancelled": 0,
    }
    assert [row["status"] for row in told] == JobStatus.values


def test_months_are_the_shops_and_none_is_left_out(planning, monkeypatch):
    """The last second of April in UTC is May in Istanbul."""
    Shop.objects.update(time_zone="Europe/Istanbul")
    cached_shop.renew(Shop.ONLY)
    monkeypatch.setattr(figures, "today", lambda: date(2026, 5, 31))
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

    told = planning.get(CHARTS[1]).json()["results"]

    assert [row["month"] for row in told] == [
        *(f"2025-{month:02}-01" for month in range(6, 13)),
        *(f"2026-{month:02}-01" for month in range(1, 6)),
    ]
    assert told[-1] == {"month": "2026-05-01", "created": 1, "completed": 1}
    assert told[-2] == {"month": "2026-04-01", "created": 1, "completed": 0}
    assert sum(row["created"] for row in told) == 2


@pytest.mark.parametrize("path", CHARTS)
def test_charts_are_for_who_sees_all_jobs(operating, program, path):
    assert operating.get(path).status_code == 403
    assert program("viewer").get(path).status_code == 200


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        # The user; jobs and late jobs, steps, machines, roles; four of one's own tasks: who may
        # work on no process is not asked for what nobody has.
        ("dashboard/stats/", 9),
        ("dashboard/recent-jobs/", 1),
        (CHARTS[0], 1),
        (CHARTS[1], 2),
        ("search/?q=job", 3),
    ],
)
def test_they_cost_the_same_for_few_and_many(planning, assert_flat, path, queries):
    def grow(rows):
        for _ in range(rows):
            make_job(make_process(), title="Job", customer=make_customer(name="Jobst"))
            make_machine(name="Job machine")

    assert assert_flat(grow=grow, work=lambda: planning.get(path)) == queries


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
