"""Silk and the toolbar in a real browser: they work under their policies."""

from types import SimpleNamespace

import pytest

from tests.e2e.conftest import Watched, browser  # noqa: F401 - a fixture

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.xdist_group("local"),
]


@pytest.fixture
def page(local, browser):  # noqa: F811 - the fixture, not the function
    watched = Watched(browser.new_context().new_page(), local.base, None)
    watched.sign_in(SimpleNamespace(username="administrator"))
    yield watched
    assert watched.complaints == []


def test_the_toolbar_opens_on_a_page_of_the_office(page):
    page.open("/admin/customers/customer/")
    page.page.locator("#djShowToolBarButton").click()
    page.page.locator("a.SQLPanel").click()
    query = page.page.locator("#SQLPanel tbody tr").first
    query.wait_for()
    assert "customers" in query.inner_text()


def test_silks_pages_work(page):
    page.open("/admin/customers/customer/?silk_profile")
    page.open("/silk/requests/")
    page.page.locator("select[name=show]").select_option("10")
    page.page.wait_for_url("**show=10**")
    recorded = page.page.locator('a[href*="/silk/request/"]').first.get_attribute("href")
    for path in (recorded, f"{recorded}sql/", f"{recorded}profiling/", f"{recorded}cprofile/"):
        page.open(path)
        page.page.get_by_role("link", name="Details").wait_for()
    for path in ("/silk/", "/silk/profiling/", "/silk/cleardb/"):
        page.open(path)
        page.page.get_by_role("link", name="Summary").wait_for()
