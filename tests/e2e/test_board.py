"""The board in a browser: it follows the shop, says when it does not, and fits every screen."""

import json
import time
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.jobs import services
from apps.machines.models import Machine
from apps.machines.services import end_downtime, start_downtime
from apps.machines.states import ReasonKind
from tests.e2e.measures import violations
from tests.e2e.scene import Scene, make_busy_shop, make_scene
from tests.e2e.watched import Watched
from tests.factories import make_job, make_reason, make_user

pytestmark = pytest.mark.browser

SIZES = ((400, 800), (1280, 800), (1920, 1080), (3840, 2160))
WALL = "/?kiosk=1"
LIVE = "**/board/**"
# Bytes of a kind that the page took.
TAKEN = """
(ending) => performance.getEntriesByType("resource")
  .filter((each) => new URL(each.name).pathname.endsWith(ending))
  .reduce((sum, each) => sum + each.encodedBodySize, 0)
"""
TOO_WIDE = "document.documentElement.scrollWidth - innerWidth"
TOO_HIGH = "document.documentElement.scrollHeight - innerHeight"
# What is written larger than there is room for. A long name ends in dots: that is no fault.
SPILT = """
[...document.querySelectorAll(".tile__number, .lamp, .late__line, .legend, .clock, .counts")]
  .filter((each) => each.checkVisibility())
  .filter((each) => {
    const [box, room] = [each, each.parentElement].map((one) => one.getBoundingClientRect());
    const isOut = box.right > room.right + 1 || box.bottom > room.bottom + 1;
    const isTall = each.matches(".lamp") && each.scrollHeight > each.clientHeight + 1;
    return isTall || (isOut && !each.closest(".wall .rows"));
  })
  .map((each) => each.textContent.replace(/\\s+/g, " ").trim().slice(0, 60))
"""
HIDE = """() => {
  Object.defineProperty(document, "hidden", { value: true, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
SHOW = HIDE.replace("value: true,", "value: false,")
MARK = "document.body.dataset.mark = 'same page'"
RECORD_LOCKS = """
window.locks = 0;
navigator.wakeLock.request = async () => { window.locks += 1; return { released: false }; };
"""


@pytest.fixture
def scene(watched: Watched) -> Scene:
    scene = make_scene()
    watched.sign_in(scene.planner)
    watched.open("/")
    return scene


def tile(page: Page, word: str):
    return page.locator(".tile", has_text=word).locator(".tile__number")


def lamp(page: Page, name: str):
    return page.locator(".lamp", has_text=name)


def test_a_step_completed_in_one_window_moves_the_board_in_another(browser, watched, scene):
    page = watched.page
    page.evaluate(MARK)
    link = page.locator(".late a").first
    link.focus()
    focused = link.inner_text()
    expect(lamp(page, "Laser 1")).to_contain_text("Running")
    context = browser.new_context()
    other = Watched(context.new_page(), watched.base, None)
    other.sign_in(scene.operator)
    other.open(f"/tasks/{scene.running.pk}/finish/")

    with other.page.expect_response(lambda answer: answer.request.method == "POST"):
        other.press("Finish", exact=True)
    began = time.monotonic()
    expect(tile(page, "good today")).to_have_text("200", timeout=2_000)
    expect(lamp(page, "Laser 1")).to_contain_text("Idle", timeout=2_000)

    assert time.monotonic() - began < 2
    assert page.evaluate(MARK.split("=", maxsplit=1)[0]) == "same page"
    assert page.evaluate("document.activeElement.textContent") == focused
    assert other.complaints == []
    context.close()


def test_a_machine_that_goes_down_and_comes_up_shows(watched, scene):
    page = watched.page
    machine = Machine.objects.get(name="Laser 1")
    services.pause_step(scene.running.pk, actor=scene.operator)
    broken = make_reason(ReasonKind.DOWNTIME, name="Coolant leaks")

    downtime = start_downtime(machine.pk, reason=broken, actor=scene.operator)
    expect(lamp(page, "Laser 1")).to_contain_text("Coolant leaks", timeout=2_000)
    expect(page.locator(".lamp").first).to_contain_text("Laser 1")
    expect(page.locator(".counts")).to_contain_text("2 down")
    end_downtime(downtime.pk, actor=scene.operator)

    expect(lamp(page, "Laser 1")).to_contain_text("Idle", timeout=2_000)


def test_what_is_open_stays_open_while_the_board_moves(watched, scene):
    page = watched.page
    summary = page.locator("#months-table summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#months-table table")).to_be_visible()

    make_job(released=True)

    expect(tile(page, "active jobs")).to_have_text("10", timeout=2_000)
    expect(page.locator("#months-table table")).to_be_visible()
    expect(page.locator("#months-table tbody tr").first).to_contain_text("10")
    assert page.evaluate("document.activeElement.localName") == "summary"


def test_the_minutes_go_on_by_themselves(watched):
    scene = make_scene()
    watched.page.route(LIVE, lambda route: route.fulfill(status=304))
    machine = Machine.objects.get(name="Laser 1")
    services.pause_step(scene.running.pk, actor=scene.operator)
    at = timezone.now() - timedelta(minutes=59, seconds=53)
    start_downtime(machine.pk, reason=make_reason(ReasonKind.DOWNTIME), actor=scene.operator, at=at)
    watched.sign_in(scene.planner)
    watched.open("/")

    expect(lamp(watched.page, "Laser 1").locator("time")).to_have_text("59 min")
    expect(lamp(watched.page, "Laser 1").locator("time")).to_have_text("1 h", timeout=8_000)


def test_while_nothing_changes_the_answer_is_empty(watched, scene):
    answers = []
    watched.page.on("response", lambda each: answers.append(each))  # noqa: PLW0108 - Playwright marks what it is given

    watched.page.wait_for_timeout(4_500)

    statuses = [each.status for each in answers if each.url.endswith("/board/")]
    assert len(statuses) >= 3
    assert set(statuses) == {304}


def test_a_hidden_board_asks_for_nothing_and_one_seen_again_asks_at_once(watched, scene):
    page = watched.page
    page.evaluate(HIDE)
    page.wait_for_timeout(300)
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    page.wait_for_timeout(3_000)
    assert asked == []

    with page.expect_response(LIVE, timeout=800):
        page.evaluate(SHOW)


def test_a_lost_connection_is_told_with_the_time_of_the_numbers_and_so_is_its_return(
    watched, scene
):
    page = watched.page
    expect(page.locator("#pulse")).to_have_text("live")
    page.route(LIVE, lambda route: route.abort("connectionrefused"))

    expect(page.locator("#lost")).to_be_visible()
    expect(page.locator("#lost")).to_contain_text("No connection. These are the numbers of ")
    expect(page.locator("#pulse")).to_have_text("not live")
    expect(page.get_by_role("link", name="Sign in")).to_be_hidden()
    assert violations(page) == []
    watched.shoot("board-lost")
    make_job(released=True)
    page.unroute(LIVE)
    page.evaluate("dispatchEvent(new Event('online'))")

    expect(page.locator("#lost")).to_be_hidden()
    expect(tile(page, "active jobs")).to_have_text("10")
    expect(page.locator("#pulse")).to_have_text("live")
    assert all("ERR_CONNECTION_REFUSED" in each for each in watched.complaints)
    watched.complaints.clear()


def test_a_faulty_server_is_asked_less_and_less_often(watched, scene):
    page = watched.page
    asked = []

    def fail(route):
        asked.append(time.monotonic())
        route.fulfill(status=503)

    page.route(LIVE, fail)
    page.wait_for_timeout(8_000)
    page.unroute(LIVE)
    expect(page.locator("#pulse")).to_have_text("live", timeout=20_000)

    waits = [later - earlier for earlier, later in pairwise(asked)]
    assert 3 <= len(asked) <= 5
    assert waits == sorted(waits)
    assert len(watched.complaints) == len(asked)
    watched.complaints.clear()


def test_a_session_that_ended_says_so_and_asks_to_sign_in(watched, scene):
    watched.open(WALL)
    page = watched.page
    page.context.clear_cookies()

    expect(page.locator("#lost")).to_contain_text("You are signed out.")
    expect(page.locator("#pulse")).to_have_text("not live")
    expect(tile(page, "active jobs")).to_be_visible()
    page.get_by_role("link", name="Sign in").click()

    assert page.url.endswith("/login/?next=/%3Fkiosk%3D1")
    assert all("401" in each for each in watched.complaints)
    watched.complaints.clear()


def test_another_release_is_taken_in_whole(watched, scene):
    page = watched.page
    page.evaluate(MARK)
    page.evaluate("document.getElementById('live').dataset.release = 'old'")

    make_job(released=True)

    expect(page.locator("body[data-mark]")).to_have_count(0, timeout=4_000)
    expect(tile(page, "active jobs")).to_have_text("10")


def test_the_wall_has_no_way_off_no_cursor_and_does_not_go_dark(watched):
    scene = make_scene()
    watched.page.add_init_script(RECORD_LOCKS)
    watched.sign_in(scene.planner)
    watched.open(WALL)
    page = watched.page

    expect(page.get_by_role("navigation")).to_have_count(0)
    expect(page.locator(".chart")).to_have_count(0)
    assert page.evaluate("window.locks") == 1
    expect(page.locator(".lamp").first).to_have_css("cursor", "none")
    page.mouse.move(200, 200)
    page.mouse.move(300, 300)
    expect(page.locator(".lamp").first).to_have_css("cursor", "auto")
    expect(page.get_by_role("link", name="Back to the board")).to_be_in_viewport()
    expect(page.locator(".lamp").first).to_have_css("cursor", "none")
    page.evaluate(HIDE)
    page.evaluate(SHOW)
    assert page.evaluate("window.locks") == 1


@pytest.mark.parametrize("machines", [3, 24, 60])
def test_the_wall_shows_all_of_it_at_once(watched, machines):
    make_busy_shop(machines)
    watched.sign_in(make_user("manager", full_name="Meral Manager"))
    watched.open(WALL)
    page = watched.page

    for width, height in ((1280, 720), (1920, 1080), (3840, 2160)):
        page.set_viewport_size({"width": width, "height": height})
        assert (page.evaluate(TOO_WIDE), page.evaluate(TOO_HIGH)) == (0, 0)
        assert page.evaluate(SPILT) == []
        expect(page.locator(".lamp")).to_have_count(machines)
        expect(page.locator(".lamp").last).to_be_in_viewport(ratio=1)
    page.set_viewport_size({"width": 1920, "height": 1080})
    size = "parseFloat(getComputedStyle(document.querySelector('.tile__number')).fontSize)"
    assert page.evaluate(size) >= 64
    shoot(watched, f"wall-{machines}")


@pytest.mark.parametrize("machines", [0, 3, 30])
def test_the_board_fits_every_screen_and_axe_finds_nothing(watched, machines):
    make_busy_shop(machines)
    watched.sign_in(make_user("manager", full_name="Meral Manager"))
    for name, path in (("board", "/"), ("wall", WALL)):
        watched.open(path)
        page = watched.page
        for width, height in ((360, 740), (768, 1024), *SIZES):
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate(TOO_WIDE) == 0, (name, width)
            assert page.evaluate(SPILT) == [], (name, width)
        page.set_viewport_size({"width": 1280, "height": 800})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert violations(page) == [], (name, scheme)
        shoot(watched, f"{name}-{machines or 'empty'}")


@pytest.mark.parametrize("path", ["/", WALL])
def test_it_takes_little_to_load(watched, scene, path):
    watched.open(path)

    # Before compression: what is transferred is a quarter of it.
    assert 0 < watched.page.evaluate(TAKEN, ".js") <= 120_000
    assert 0 < watched.page.evaluate(TAKEN, ".css") <= 30_000


def test_without_a_script_it_is_all_there(browser, watched, scene):
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(json.loads(json.dumps(watched.page.context.cookies())))
    page = context.new_page()
    page.goto(f"{watched.base}/")

    expect(tile(page, "good today")).to_have_text("120")
    expect(lamp(page, "Press 2")).to_contain_text("Tool change")
    expect(lamp(page, "Press 2")).to_contain_text("since")
    expect(page.locator("#pulse")).to_contain_text("as of")
    page.locator("#months-table summary").click()
    expect(page.locator("#months-table table")).to_be_visible()
    make_job(released=True)
    page.wait_for_timeout(300)  # What somebody else did is there within a quarter of a second.
    page.get_by_role("link", name="Show the numbers of now").click()
    expect(tile(page, "active jobs")).to_have_text("10")
    context.close()


def shoot(watched: Watched, name: str) -> None:
    """Keep pictures of every size, light and dark, in the folder ANDON_SCREENSHOTS."""
    if not watched.folder:
        return
    page = watched.page
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            path = Path(watched.folder) / f"{name}-{width}-{scheme}.png"
            page.screenshot(path=path, full_page="wall" not in name or width == SIZES[0][0])
