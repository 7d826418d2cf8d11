"""Health in the office: what it shows, who may clear the cache, and how it looks."""

import pytest
from django.core.cache import cache
from django.test import override_settings

from apps.background import heartbeats
from apps.core.cache import CachedRead
from apps.observability import disk
from tests.api.test_health import NOWHERE
from tests.e2e.conftest import browser, watched  # noqa: F401 - fixtures
from tests.e2e.measures import violations
from tests.factories import make_user, number

PATH = "/admin/health/"


@pytest.fixture
def working():
    """A worker and beat that were heard just now."""
    heartbeats.tell("worker", "celery@shop", running=2)
    heartbeats.tell("beat", "shop")
    yield
    heartbeats.fall_silent("worker", "celery@shop")
    heartbeats.fall_silent("beat", "shop")


@pytest.mark.django_db
def test_it_is_for_the_staff(client, sign_in, operator, viewer):
    assert client.get(PATH).status_code == 302
    assert sign_in(operator).get(PATH).status_code == 302
    assert sign_in(viewer).get(PATH).status_code == 200
    assert sign_in(viewer).get("/admin/").content.count(b'href="/admin/health/"') == 1


@pytest.mark.django_db
def test_it_tells_what_is_well_and_what_is_wrong(sign_in, planner, working, monkeypatch):
    monkeypatch.setattr(disk, "FULL", 0.0)
    page = sign_in(planner).get(PATH).content.decode()
    for said in ("celery@shop", "beat, shop", "maintenance", "shop.settings", "Connections to the"):
        assert said in page
    assert "Make room, or give it a larger disk" in page
    assert "No worker is at work" not in page


@pytest.mark.django_db
def test_without_valkey_the_page_works(sign_in, planner):
    client = sign_in(planner)
    with override_settings(CACHES={"default": NOWHERE}):
        page = client.get(PATH)
    assert page.status_code == 200
    assert "Valkey does not answer" in page.content.decode()


@pytest.mark.django_db
def test_only_administrators_clear(sign_in, planner, administrator):
    read = CachedRead(f"tests.page{number()}", str)
    read(1)
    assert sign_in(planner).post(PATH, {"prefix": f"{read.name}:"}).status_code == 403
    assert cache.get(read.value_key_of(1)) is not None
    assert b"data-clear" not in sign_in(planner).get(PATH).content
    answer = sign_in(administrator).post(PATH, {"prefix": f"{read.name}:"}, follow=True)
    assert cache.get(read.value_key_of(1)) is None
    assert b"2 entries are cleared." in answer.content


@pytest.mark.django_db
def test_without_a_script_the_question_is_a_page(sign_in, administrator):
    page = sign_in(administrator).get(f"{PATH}?clear=shop.settings:").content.decode()
    assert 'value="shop.settings:"' in page
    assert "<dialog" in page.split("open>")[0]


@pytest.mark.django_db
def test_the_refreshed_part_costs_no_more_as_there_is_more(
    sign_in, administrator, django_assert_max_num_queries
):
    client = sign_in(administrator)
    client.get(f"{PATH}?part")
    with django_assert_max_num_queries(8):
        part = client.get(f"{PATH}?part").content.decode()
    assert "<html" not in part


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_page_keeps_itself_up_to_date_and_asks_before_it_clears(watched, working):  # noqa: F811
    page = watched.page
    watched.sign_in(make_user("administrator"))
    watched.open(PATH)
    assert page.get_by_role("row", name="maintenance").is_visible()
    watched.assert_fits()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []
    page.emulate_media(color_scheme="light")
    watched.shoot("health")

    read = CachedRead(f"tests.seen{number()}", str)
    read(1)
    clear = page.get_by_role("link", name=f"Clear {read.name}", exact=True)
    clear.wait_for()  # It came by itself.
    clear.focus()
    with page.expect_response(lambda answer: answer.url.endswith("?part")):
        pass
    page.wait_for_function("document.activeElement.dataset.key?.startsWith('clear-tests.seen')")

    clear.click()
    dialog = page.get_by_role("dialog")
    assert f"{read.name}:" in dialog.inner_text()
    watched.shoot("health-clear")
    assert violations(page) == []
    dialog.get_by_role("link", name="Keep it").click()
    assert cache.get(read.value_key_of(1)) is not None
    clear.click()
    dialog.get_by_role("button", name="Clear").click()
    page.get_by_text("2 entries are cleared.").wait_for()
    assert cache.get(read.value_key_of(1)) is None


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_server_that_is_away_is_said_to_be(watched, working):  # noqa: F811
    watched.sign_in(make_user("viewer"))
    watched.open(PATH)
    page = watched.page
    page.route("**/health/?part", lambda route: route.fulfill(status=503, body=""))
    page.get_by_text("Andon does not answer").wait_for()
    page.unroute("**/health/?part")
    page.get_by_text("Andon does not answer").wait_for(state="hidden", timeout=30_000)
    watched.complaints.clear()  # The browser's own, of the 503.
