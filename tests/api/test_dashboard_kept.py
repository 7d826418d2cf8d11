"""The dashboard's answers are kept while nothing changes, and nobody gets another's."""

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.selectors import role_permissions
from apps.core.cache import states
from apps.dashboards import asker
from apps.dashboards.api import views
from apps.shop.selectors import today
from tests.factories import make_customer, make_job, make_process, permit, settle

STATS, RECENT, LATE = "dashboard/stats/", "dashboard/recent-jobs/", "dashboard/late-jobs/"
CHARTS = tuple(
    f"dashboard/charts/{name}/"
    for name in ("jobs-by-status", "jobs-by-month", "lead-time", "machine-load", "scrap")
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet")]


@pytest.fixture
def quiet(committed, monkeypatch):
    """A state that jobs alone change: other tests commit to the same server meanwhile."""
    monkeypatch.setattr(states, "SNAPSHOT", "SELECT format('1:%s:', 1 + count(*)) FROM jobs")


def loads(work):
    """Return how many queries some work costs, the one for the database's state left out."""
    with CaptureQueriesContext(connection) as captured:
        work()
    return sum(query["sql"] != states.SNAPSHOT for query in captured)


@pytest.mark.parametrize("path", [STATS, RECENT, LATE, *CHARTS])
def test_an_answer_is_loaded_once_and_told_again_for_nothing(planning, path):
    make_job(released=True, due_date=today() - timedelta(days=1))
    planning.get("auth/me/")

    first = planning.get(path)

    assert loads(lambda: planning.get(path)) == 0
    assert planning.get(path).content == first.content
    again = planning.get(path, If_None_Match=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert loads(lambda: planning.get(path, If_None_Match=first["ETag"])) == 0


@pytest.mark.parametrize("path", [RECENT, LATE, *CHARTS])
def test_who_see_all_jobs_share_an_answer(planning, program, path):
    managing = program("manager")
    managing.get(STATS)  # From here on it is known who they are, and what they may.
    planning.get(path)

    assert loads(lambda: managing.get(path)) == 0


def test_what_all_are_told_alike_is_counted_once_for_all_of_them(planning, program):
    managing = program("manager")
    for who in (planning, managing):
        who.get(STATS)
    make_job()
    time.sleep(states.KNOWN_FOR)  # It was made past this process.

    whole, own = loads(lambda: planning.get(STATS)), loads(lambda: managing.get(STATS))

    assert (whole, own) == (2, 1)
    assert managing.get(STATS).json()["jobs"] == planning.get(STATS).json()["jobs"]


@pytest.mark.parametrize("path", [STATS, RECENT, LATE])
def test_nobody_is_told_what_another_is(planning, program, path):
    """Whoever asks first, of those who see all and two operators who see different jobs."""
    process, day = make_process(), today() - timedelta(days=1)
    own, others = program("operator"), program("operator")
    permit(own.user, process, "can_view")
    job = make_job(released=True, due_date=day)
    job.steps.update(assigned_to=own.user)
    make_job(released=True, due_date=day)

    told = [who.get(path).content for who in (planning, own, others)]

    assert len({*told}) == 3
    assert [who.get(path).content for who in (planning, own, others)] == told


def test_who_writes_reads_it_next_and_so_does_everybody(planning, program):
    managing, customer = program("manager"), make_customer()
    for who in (planning, managing):
        assert who.get(STATS).json()["jobs"]["total"] == 0

    made = planning.post("jobs/", {"customer": customer.pk, "quantity": 1})

    assert made.status_code == 201
    for who in (planning, managing):
        assert who.get(STATS).json()["jobs"]["total"] == 1
        assert len(who.get(RECENT).json()["results"]) == 1


def test_a_right_that_is_taken_away_counts_at_once(program, supervisor):
    """Rights are part of the key: what is kept for who had them is nobody's any more."""
    supervising = program(supervisor)
    assert supervising.get(STATS).json()["users"] is not None

    supervisor.role.group.permissions.filter(codename="view_user").delete()
    role_permissions.renew(supervisor.role_id)

    assert supervising.get(STATS).json()["users"] is None


def test_at_the_shops_midnight_a_job_is_late_though_nothing_changed(planning, monkeypatch):
    make_job(released=True, due_date=today())
    assert planning.get(STATS).json()["jobs"]["overdue"] == 0
    assert planning.get(LATE).json()["results"] == []

    tomorrow = today() + timedelta(days=1)
    for module in (asker, views):
        monkeypatch.setattr(module, "today", lambda: tomorrow)
    settle()

    assert planning.get(STATS).json()["jobs"]["overdue"] == 1
    assert [row["days_late"] for row in planning.get(LATE).json()["results"]] == [1]
