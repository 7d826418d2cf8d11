"""The supervisor's floor in a browser: by drag, by menu, by keyboard; and what others do shows."""

import json

import pytest
from playwright.sync_api import Page, expect

from apps.accounts.models import User
from apps.jobs import services
from apps.jobs.models import HelpCall, JobStep
from apps.jobs.states import Priority
from apps.machines.models import Machine
from tests.e2e.measures import measure, violations
from tests.e2e.scene import Scene, make_scene
from tests.e2e.watched import SMALLEST, WIDE, Watched
from tests.factories import make_user

DEEDS = ("prioritise", "assign")

pytestmark = pytest.mark.browser

SCRIPTS = """
performance.getEntriesByType("resource").filter((each) => each.initiatorType === "script"
  || each.name.endsWith(".js")).reduce((sum, each) => sum + each.encodedBodySize, 0)
"""


@pytest.fixture
def floor(watched: Watched) -> Scene:
    scene = make_scene()
    watched.sign_in(make_user("manager", full_name="Meral Manager"))
    watched.open("/floor/")
    return scene


def grip(page: Page, what: str):
    return page.locator(f"#{what} [data-grip]")


def drag(page: Page, what: str, onto: str) -> None:
    """Drag by the mouse, slowly enough to be a drag; the target may have to be scrolled to."""
    source, target = grip(page, what), page.locator(onto)
    for each in (target, source):  # In columns of their own.
        each.scroll_into_view_if_needed()
    box = source.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] + 40, steps=3)
    end = target.bounding_box()
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + min(30, end["height"] / 2), steps=5)
    page.mouse.up()


def test_the_floor_and_the_shift_fit_every_screen(watched, floor):
    for name, path in (
        ("floor", "/floor/"),
        ("shift", "/floor/shift/"),
        ("floor-step", f"/floor/steps/{floor.ready.pk}/"),
        ("floor-person", f"/floor/people/{floor.operator.pk}/"),
    ):
        watched.open(path)
        watched.assert_fits()
        watched.shoot(name)
        for width, height in (SMALLEST, (768, 1024), WIDE, (1920, 1080)):
            watched.page.set_viewport_size({"width": width, "height": height})
            over = watched.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert (measure(watched.page), over) == ({}, 0), (name, width)
        for scheme in ("light", "dark"):
            watched.page.emulate_media(color_scheme=scheme)
            assert violations(watched.page) == [], (name, scheme)
            assert measure(watched.page) == {}, (name, scheme)


def test_wide_the_page_itself_does_not_scroll(watched, floor):
    tall = "document.documentElement.scrollHeight - innerHeight"

    for width, height in (WIDE, (1920, 1080)):
        watched.page.set_viewport_size({"width": width, "height": height})
        assert watched.page.evaluate(tall) <= 0


def test_the_scripts_stay_small(watched, floor):
    assert 0 < watched.page.evaluate(SCRIPTS) < 60_000


def test_a_step_dragged_onto_somebody_is_theirs(watched, floor):
    step, colleague = floor.ready, floor.colleague

    drag(watched.page, f"step-{step.pk}", f"#person-{colleague.pk}")

    expect(watched.page.locator(f"#step-{step.pk}")).to_contain_text(str(colleague))
    step.refresh_from_db()
    assert step.assigned_to == colleague
    expect(watched.page.locator(".told")).to_contain_text("given to Mehmet Öztürk")


def test_a_step_dragged_onto_a_machine_is_planned_on_it(watched, floor):
    step, machine = floor.ready, Machine.objects.get(name="Laser 2")

    drag(watched.page, f"step-{step.pk}", f"#machine-{machine.pk}")

    expect(watched.page.locator(f"#step-{step.pk}")).to_contain_text("Laser 2")
    step.refresh_from_db()
    assert step.machine == machine


def test_a_step_dragged_to_another_lane_is_as_urgent_as_those_there(watched, floor):
    step = JobStep.objects.filter(status="ready", priority=Priority.HIGH).first()

    drag(watched.page, f"step-{step.pk}", "[data-priority='3'] h3")

    expect(watched.page.locator(f"[data-priority='3'] #step-{step.pk}")).to_be_visible()
    step.refresh_from_db()
    assert step.priority == Priority.URGENT


def test_somebody_dragged_onto_a_step_has_it(watched, floor):
    step = floor.ready
    watched.open("/floor/shift/")

    drag(watched.page, f"person-{floor.operator.pk}", f"#step-{step.pk}")

    expect(watched.page.locator(".told")).to_contain_text("given to Ayşe Kaya")
    step.refresh_from_db()
    assert step.assigned_to == floor.operator


def test_a_finger_drags_as_a_mouse_does(watched, floor):
    step, colleague = floor.ready, floor.colleague
    page = watched.page
    grip(page, f"step-{step.pk}").scroll_into_view_if_needed()
    start = grip(page, f"step-{step.pk}").bounding_box()
    end = page.locator(f"#person-{colleague.pk}").bounding_box()
    touch = page.context.new_cdp_session(page)

    def put(kind: str, *points: tuple[float, float]) -> None:
        told = [{"x": x, "y": y} for x, y in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": told})

    put("touchStart", (start["x"] + 20, start["y"] + 20))
    for part in (0.2, 0.6, 1):
        x = start["x"] + (end["x"] + 100 - start["x"]) * part
        put("touchMove", (x, start["y"] + (end["y"] + 30 - start["y"]) * part))
    put("touchEnd")

    expect(page.locator(f"#step-{step.pk}")).to_contain_text(str(colleague))


def test_what_was_changed_meanwhile_is_refused_beside_what_was_tried(watched, floor):
    step, page = floor.ready, watched.page
    page.route("**/floor/", lambda route: route.fulfill(status=304))  # As if nobody did anything.
    services.assign_step(step.pk, floor.operator, actor=User.objects.get(full_name="Meral Manager"))

    drag(page, f"step-{step.pk}", f"#person-{floor.colleague.pk}")

    alert = page.locator(f"#person-{floor.colleague.pk} [role=alert]")
    expect(alert).to_contain_text("was changed meanwhile: look at it again")
    step.refresh_from_db()
    assert step.assigned_to == floor.operator
    assert "412" in watched.complaints.pop()


def test_the_menu_does_by_keyboard_what_dragging_does(watched, floor):
    step, page = floor.ready, watched.page

    page.locator(f"#step-{step.pk} a[data-menu]").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Urgent").focus()
    page.keyboard.press("Enter")

    expect(dialog).to_be_hidden()
    expect(page.locator(f"[data-priority='3'] #step-{step.pk}")).to_be_visible()
    focused = "document.activeElement.getAttribute('href')"
    assert page.evaluate(focused) == f"/floor/steps/{step.pk}/?back=floor"


def test_a_refusal_stands_in_the_menu_and_the_menu_stays(watched, floor):
    step, page = floor.ready, watched.page
    page.locator(f"#step-{step.pk} a[data-menu]").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    services.start_step(
        step.pk, actor=floor.operator, machine_id=Machine.objects.get(name="Laser 2").pk
    )

    page.get_by_role("dialog").get_by_role("button", name="Urgent").click()

    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("changed meanwhile")
    assert "412" in watched.complaints.pop()


def test_without_the_network_a_change_waits_in_sight_and_is_made_once_when_it_is_back(
    watched, floor
):
    step, page = floor.ready, watched.page
    sent = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    unsent = page.locator(".unsent")
    page.locator(f"#step-{step.pk} a[data-menu]").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.context.set_offline(offline=True)

    page.get_by_role("dialog").get_by_role("button", name="Urgent").click()
    expect(unsent).to_have_text("1 not sent")
    expect(page.locator(".told")).to_contain_text("Not sent yet")
    drag(page, f"step-{step.pk}", f"#person-{floor.colleague.pk}")
    expect(unsent).to_have_text("2 not sent")
    unsent.click()
    waiting = page.get_by_role("dialog").locator(".entry")
    expect(waiting).to_have_count(2)
    expect(waiting.last).to_contain_text(f"{step.job} · {step.process} → Mehmet Öztürk")
    watched.shoot("floor-unsent")
    assert measure(page) == {}
    assert violations(page) == []
    page.context.set_offline(offline=False)

    expect(unsent).to_be_hidden()
    expect(page.locator(f"#step-{step.pk}")).to_contain_text("Mehmet Öztürk")
    step.refresh_from_db()
    assert (step.priority, step.assigned_to) == (Priority.URGENT, floor.colleague)
    assert sent == [f"{watched.base}/floor/steps/{step.pk}/{deed}/" for deed in DEEDS]
    watched.complaints = [each for each in watched.complaints if "ERR_INTERNET" not in each]


def test_what_was_refused_only_when_the_network_was_back_stays_in_the_list(watched, floor):
    step, page = floor.ready, watched.page
    page.context.set_offline(offline=True)
    drag(page, f"step-{step.pk}", f"#person-{floor.colleague.pk}")
    expect(page.locator(".unsent")).to_have_text("1 not sent")
    services.assign_step(step.pk, floor.operator, actor=User.objects.get(full_name="Meral Manager"))
    page.context.set_offline(offline=False)

    expect(page.locator(".unsent--refused")).to_be_visible()
    page.locator(".unsent").click()
    expect(page.get_by_role("dialog")).to_contain_text("changed meanwhile: look at it again")
    page.get_by_role("button", name="Leave it").click()

    expect(page.locator(".unsent")).to_be_hidden()
    step.refresh_from_db()
    assert step.assigned_to == floor.operator
    watched.complaints = [
        each for each in watched.complaints if "ERR_INTERNET" not in each and "412" not in each
    ]


def test_a_call_is_answered_with_one_tap(watched, floor):
    watched.press("I am coming")

    expect(watched.page.locator(".calls")).to_have_count(0)
    assert HelpCall.objects.get().answered_by.full_name == "Meral Manager"


def test_what_others_do_shows_without_a_reload(watched, floor):
    page = watched.page
    page.evaluate("document.body.dataset.mark = 'same page'")
    services.raise_help(actor=floor.operator, step_id=floor.running.pk, note="Come quickly")

    expect(page.locator(".calls")).to_contain_text("Come quickly", timeout=15_000)
    expect(page.locator(".told")).to_contain_text("Help is called")
    assert page.evaluate("document.body.dataset.mark") == "same page"


def test_while_nothing_changes_the_page_is_not_sent_again(watched, floor):
    page = watched.page
    with page.expect_response(lambda response: response.url.endswith("/floor/")) as asked:
        pass

    # In the first seconds of a minute the times told are others.
    if asked.value.status != 304:
        with page.expect_response(lambda response: response.url.endswith("/floor/")) as asked:
            pass
    assert asked.value.status == 304


def test_a_hidden_page_asks_for_nothing(watched, floor):
    page = watched.page
    page.evaluate(
        """() => {
          Object.defineProperty(document, "hidden", { value: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    page.wait_for_timeout(6_500)

    assert asked == []


def test_everything_is_done_without_a_script(browser, watched, floor):
    step = floor.ready
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(json.loads(json.dumps(watched.page.context.cookies())))
    page = context.new_page()
    page.goto(f"{watched.base}/floor/")

    page.locator(f"#step-{step.pk} a").first.click()
    page.get_by_role("button", name=str(floor.colleague)).click()
    expect(page.locator(".messages")).to_contain_text("given to Mehmet Öztürk")
    page.get_by_role("button", name="I am coming").click()

    expect(page.locator(".messages")).to_contain_text("knows that you come")
    step.refresh_from_db()
    assert step.assigned_to == floor.colleague
    context.close()
