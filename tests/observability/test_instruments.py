"""Silk and the debug toolbar, opened in a process with local settings."""

import re

import pytest
from django.apps import apps
from django.conf import settings

from apps.observability import tasks
from apps.observability.silk import may_look, silk_profile
from apps.observability.toolbar import is_loopback
from tests.factories import make_user
from tests.observability.serving import Client

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.xdist_group("local")]

BROKEN_RULE = """
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from silk.middleware import SilkyMiddleware
from silk.models import SQLQuery
from apps.customers.models import Customer
from apps.jobs.models import Job

def break_a_rule(request):
    try:
        with transaction.atomic():
            Job.objects.update(quantity=0)
    except IntegrityError as error:
        return HttpResponse(error.__cause__.diag.constraint_name)

said = SilkyMiddleware(break_a_rule)(RequestFactory().get("/break-a-rule/")).content.decode()
seen = SQLQuery.objects.filter(request__path="/break-a-rule/").values_list("analysis", flat=True)
print(said, list(seen))
"""
RECORD = """
from django.conf import settings
from silk.models import Request
from apps.observability import tasks
from silk.config import SilkyConfig
SilkyConfig().attrs["SILKY_MAX_RECORDED_REQUESTS"] = 103
SilkyConfig().attrs["SILKY_MAX_RECORDED_REQUESTS_CHECK_PERCENT"] = 100
folder = settings.SILKY_PYTHON_PROFILER_RESULT_PATH
(folder / "of-nobody.prof").write_bytes(b"")
Request.objects.bulk_create(Request(path="/many/") for _ in range(150))
tasks.clear_silk_records()
print(Request.objects.count(), (folder / "of-nobody.prof").exists())
"""


def test_silk_shows_the_request_it_recorded(staff):
    staff.get("/admin/customers/customer/?all")
    page = staff.get("/silk/requests/")
    assert page.status == 200
    assert "/admin/customers/customer/" in page.body


def test_silk_leaves_out_health_static_files_and_itself(staff):
    for path in ("/health/", "/health/ready/", "/static/core/base.css", "/favicon.ico", "/silk/"):
        staff.get(path)
    recorded = staff.get("/silk/requests/?show=250").body
    paths = set(re.findall(r'class="path[^"]*">\s*([^<\s]+)', recorded))
    assert paths
    assert not {path for path in paths if path.startswith(("/health", "/static", "/silk", "/favi"))}


def test_silk_is_for_staff(local, operator_site):
    stranger = Client(local.base)
    assert stranger.get("/silk/").headers["Location"] == "/login/?next=/silk/"
    assert operator_site.get("/silk/").status == 403
    assert operator_site.get("/silk/requests/").status == 403


def test_silk_asks_the_role_and_whether_the_user_is_active():
    assert may_look(make_user("planner"))
    assert not may_look(make_user("operator"))
    assert not may_look(make_user("planner", is_active=False))


def test_only_silks_pages_have_a_policy_of_their_own(staff):
    ours = staff.get("/admin/").headers["Content-Security-Policy"]
    silks = staff.get("/silk/").headers["Content-Security-Policy"]
    assert "unsafe" not in ours
    assert "'unsafe-hashes'" in silks
    assert "unsafe-inline" not in silks


def test_the_toolbar_shows_the_request_to_staff(staff):
    page = staff.get("/admin/customers/customer/").body
    shown = re.search(r'data-request-id="(\w+)"', page)
    assert shown, "no toolbar on the page"
    panel = staff.get(f"/__debug__/render_panel/?request_id={shown[1]}&panel_id=SQLPanel")
    assert "customers" in panel.body


def test_the_toolbar_is_not_for_operators_nor_for_silks_pages(operator_site, staff):
    tasks = operator_site.get("/tasks/")
    panel = operator_site.get("/__debug__/render_panel/?request_id=1&panel_id=SQLPanel")
    assert (tasks.status, panel.status) == (200, 404)
    assert "djDebug" not in tasks.body
    assert "djDebug" not in staff.get("/silk/").body


@pytest.mark.parametrize(
    ("address", "here"),
    [("127.0.0.1", True), ("::1", True), ("192.0.2.7", False), ("", False)],
)
def test_the_toolbar_is_for_this_machine(address, here):
    assert is_loopback(address) is here


def test_a_refusal_stays_itself_under_silk(local):
    assert local.shell.run(BROKEN_RULE).strip() == "jobs_quantity_chk [None]"


def test_the_scheduled_clean_up_keeps_the_newest_and_drops_their_files(local):
    assert local.shell.run(RECORD).split() == ["102", "False"]


def test_the_clean_up_does_nothing_where_silk_is_absent():
    assert not apps.is_installed("silk")
    tasks.clear_silk_records()


def test_a_wrapped_function_just_runs_where_silk_is_absent():
    @silk_profile("Add")
    def add(a, b):
        return a + b

    assert add(1, b=2) == 3
    assert add.__name__ == "add"


def test_no_instrument_is_in_the_tests_nor_in_production():
    assert not {"silk", "debug_toolbar"} & set(settings.INSTALLED_APPS)
    assert not [name for name in settings.MIDDLEWARE if "ilk" in name or "toolbar" in name]


def test_the_local_settings_pass_djangos_checks_and_the_instruments_need_no_migration(local):
    local.shell.manage("check", "--fail-level", "WARNING")
    local.shell.manage("makemigrations", "--check", "--dry-run", "silk", "debug_toolbar")
