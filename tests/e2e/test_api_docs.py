"""The pages that show the API, under a policy of their own."""

import pytest

from tests.factories import make_user

LONG = 60_000  # Milliseconds: the document is made by the first who asks, and drawn all at once.

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_swagger_shows_every_area_and_tries_an_operation_out(watched):
    watched.sign_in(make_user("planner"))
    page = watched.page
    page.set_default_timeout(LONG)
    watched.open("/api/docs/")
    page.locator(".opblock-tag").first.wait_for()
    watched.shoot("api-swagger")
    watched.assert_fits()

    page.locator('[data-tag="jobs"]').click()
    page.locator("#operations-jobs-jobs_list").click()
    watched.shoot("api-swagger-operation")
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()

    page.locator(".live-responses-table .response-col_status", has_text="200").wait_for()


def test_redoc_reads_the_document(watched):
    watched.page.set_default_timeout(LONG)
    watched.open("/api/docs/redoc/")
    watched.page.get_by_role("heading", name="List jobs").first.wait_for()
    watched.assert_fits()

    watched.page.emulate_media(color_scheme="dark")
    watched.page.get_by_role("heading", name="List jobs").first.wait_for()
    watched.page.locator('input[placeholder="Search..."]').fill("release")
    watched.page.locator('[role="search"] [role="menuitem"]').first.wait_for()


def test_problems_lead_to_their_words(watched):
    watched.open("/api/docs/problems/#illegal_transition")
    watched.shoot("api-problems")
    watched.assert_fits()
    problem = watched.page.locator("#illegal_transition")

    assert problem.is_visible()
    assert "does not lead there" in problem.inner_text()
