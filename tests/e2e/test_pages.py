"""Every page of ours in a browser: it fits a phone and a glove, and nothing complains."""

import pytest

from tests.e2e.scene import make_scene

pytestmark = pytest.mark.browser

# What an operator can press, and how tall it is; links within a sentence are not targets.
TARGETS = """
[...document.querySelectorAll(
  "main button, main .button, main select, main input:not([type=hidden]), nav a, .who")]
  .filter((each) => each.checkVisibility())
  .map((each) => [each.textContent.trim() || each.name, each.getBoundingClientRect().height])
"""
TEXT_SIZES = """
[...document.querySelectorAll("body *")]
  .filter((each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  .filter((each) => each.tagName !== "SCRIPT")
  .map((each) => [
    each.textContent.trim().slice(0, 40), parseFloat(getComputedStyle(each).fontSize)])
"""


def test_pages_before_sign_in_fit_a_phone(watched):
    for name, path in (("login", "/login/"), ("forgot", "/password/forgot/")):
        watched.open(path)
        watched.assert_fits()
        watched.shoot(name)


def test_operators_pages_fit_a_phone_and_a_glove(watched):
    scene = make_scene()
    watched.sign_in(scene.operator)
    pages = {
        "tasks": "/tasks/",
        "step-ready": f"/tasks/{scene.ready.pk}/",
        "step-taken": f"/tasks/{scene.taken.pk}/",
        "step-finish": f"/tasks/{scene.running.pk}/finish/",
        "step-help": f"/tasks/{scene.running.pk}/help/",
        "home-operator": "/",
    }
    for name, path in pages.items():
        watched.open(path)
        watched.assert_fits()
        watched.shoot(name)
        small = [each for each in watched.page.evaluate(TARGETS) if each[1] < 56]
        tiny = [each for each in watched.page.evaluate(TEXT_SIZES) if each[1] < 18]
        assert (small, tiny) == ([], []), name


def test_a_refusal_keeps_what_was_typed(watched):
    scene = make_scene()
    watched.sign_in(scene.operator)
    watched.open(f"/tasks/{scene.running.pk}/report/")

    watched.page.get_by_label("Good").fill("1 000")
    watched.press("Report", exact=True)

    assert watched.page.get_by_label("Good").input_value() == "1 000"
    watched.shoot("step-over-quantity")
    watched.press("Report anyway")
    watched.page.wait_for_url("**/tasks/")
    watched.shoot("tasks-message")
    # The browser itself logs an answer of 409.
    assert len(watched.complaints) == 1
    assert "409" in watched.complaints.pop()


def test_the_board_and_the_password_page_fit_a_phone(watched):
    scene = make_scene()
    watched.sign_in(scene.planner)
    for name, path in (("board", "/"), ("password", "/password/"), ("tasks-none", "/tasks/")):
        watched.open(path)
        watched.assert_fits()
        watched.shoot(name)


def test_a_page_that_is_not_there_says_so(watched):
    watched.open("/nowhere/")

    assert watched.page.get_by_role("heading", level=1).inner_text() == "There is nothing here"
    watched.assert_fits()
    watched.shoot("error-404")
    assert len(watched.complaints) == 1
    assert "404" in watched.complaints.pop()


def test_the_keyboard_reaches_everything_in_order_and_is_seen(watched):
    scene = make_scene()
    watched.sign_in(scene.operator)
    watched.open("/tasks/")

    watched.page.keyboard.press("Tab")
    focused = "document.activeElement"
    assert watched.page.evaluate(f"{focused}.textContent") == "Skip to the content"
    watched.page.keyboard.press("Enter")
    watched.page.keyboard.press("Tab")

    assert watched.page.evaluate(f"{focused}.closest('main') !== null")
    ring = watched.page.evaluate(f"getComputedStyle({focused}).outlineWidth")
    assert ring == "3px"
