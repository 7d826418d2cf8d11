"""A bad network: what is done on it is neither lost nor doubled, keeps its order, and is seen."""

import re

import pytest
from playwright.sync_api import Page, expect

from apps.accounts.models import User
from apps.background.models import IdempotencyKey
from apps.jobs import services
from apps.jobs.models import HelpCall, JobStep, WorkLog
from apps.jobs.states import StepStatus
from tests.e2e.tablet import paths_done, ready_steps
from tests.factories import PASSWORD, make_user
from tests.invariants import assert_invariants

pytestmark = pytest.mark.browser

WIFI_PAGE = "<!DOCTYPE html><title>Welcome</title><h1>Please accept our terms</h1>"
# In the page: milliseconds from the tap to the first sign that it was taken.
FEEDBACK = """
async (button) => {
  const began = performance.now();
  const answered = new Promise((resolve) => {
    const observer = new MutationObserver(() => resolve(performance.now() - began));
    observer.observe(button, { attributes: true, attributeFilter: ["aria-disabled"] });
  });
  button.click();
  return answered;
}
"""


@pytest.fixture
def operator(committed) -> User:
    return make_user("operator", full_name="Ayşe Kaya")


@pytest.fixture
def steps(operator) -> list[JobStep]:
    """Eight steps: the operator works on the first two, the others are ready."""
    made = ready_steps(operator, make_user("planner"), 8)
    for step in made[:2]:
        services.start_step(step.pk, actor=operator)
    return made


def start(tablet, step) -> None:
    tablet.tap(f"Start {step.job} {step.process}", tablet.card(step))


def fill_in(tablet, step, page: str, submit: str, **typed: str) -> None:
    """Open one of the pages of a running step, type, and send it."""
    tablet.tap(page, tablet.card(step), role="link")
    expect(tablet.page).to_have_url(re.compile(rf"/tasks/{step.pk}/\w+/$"))
    for label, value in typed.items():
        tablet.page.get_by_label(label.capitalize(), exact=True).fill(value)
    tablet.tap(submit)
    expect(tablet.page).to_have_url(re.compile("/tasks/$"))


def wait_until_kept(tablet) -> None:
    """Wait until the pages of what runs are kept for a time without the network."""
    tablet.page.wait_for_load_state("networkidle")
    tablet.page.wait_for_timeout(700)
    tablet.page.wait_for_load_state("networkidle")


def do_ten(tablet, steps) -> list[str]:
    """Do ten things; return their addresses."""
    first, second, *ready = steps
    fill_in(tablet, first, "Report", "Report", good="3")
    for step in ready[:3]:
        start(tablet, step)
    fill_in(tablet, second, "Help", "Call")
    fill_in(tablet, first, "Report", "Report", good="2")
    start(tablet, ready[3])
    fill_in(tablet, first, "Finish", "Finish")
    start(tablet, ready[4])
    fill_in(tablet, second, "Pause", "Pause", good="4")
    return [
        f"/tasks/{first.pk}/report/",
        *(f"/tasks/{step.pk}/start/" for step in ready[:3]),
        f"/tasks/{second.pk}/help/",
        f"/tasks/{first.pk}/report/",
        f"/tasks/{ready[3].pk}/start/",
        f"/tasks/{first.pk}/finish/",
        f"/tasks/{ready[4].pk}/start/",
        f"/tasks/{second.pk}/pause/",
    ]


def test_ten_actions_without_the_network_arrive_once_and_in_order(tablet, operator, steps):
    tablet.sign_in(operator)
    wait_until_kept(tablet)
    tablet.context.set_offline(True)

    done = do_ten(tablet, steps)
    expect(tablet.unsent).to_have_text(re.compile("10 not sent"))
    tablet.shoot("floor-ten-not-sent")
    tablet.unsent.tap()
    expect(tablet.page.locator("#unsent li")).to_have_count(10)
    tablet.shoot("floor-not-sent-list")
    tablet.page.locator("#unsent").get_by_role("button", name="Close").tap()
    assert not IdempotencyKey.objects.exists()

    tablet.context.set_offline(False)
    tablet.is_all_sent()

    assert paths_done() == [path for path, _ in tablet.posts] == done
    for step in steps:
        step.refresh_from_db()
    first, second, *ready = steps
    # Finish knew of the reports before it that they had not arrived: 10 - 3 - 2 remained.
    assert (first.status, first.quantity_good) == (StepStatus.COMPLETED, 10)
    assert (second.status, second.quantity_good) == (StepStatus.PAUSED, 4)
    assert {step.status for step in ready[:5]} == {StepStatus.IN_PROGRESS}
    assert ready[5].status == StepStatus.READY
    assert WorkLog.objects.count() == 7
    assert HelpCall.objects.count() == 1
    assert_invariants()


def test_an_answer_that_is_lost_is_asked_for_again_and_nothing_is_doubled(tablet, operator, steps):
    tablet.sign_in(operator)
    lost = []

    def lose(route):
        route.fetch()  # It arrives, and the answer does not.
        lost.append(route.request.headers["idempotency-key"])
        route.abort()

    tablet.answer_posts(lose)
    fill_in(tablet, steps[0], "Report", "Report", good="3")
    expect(tablet.card(steps[0]).get_by_text("not sent yet")).to_be_visible()
    expect(tablet.unsent).to_be_visible()
    tablet.answer_no_more()

    tablet.is_all_sent()
    steps[0].refresh_from_db()
    assert steps[0].quantity_good == 3
    assert {key for _, key in tablet.posts} == set(lost)
    assert len(tablet.posts) > len(set(lost)) == 1


def test_what_is_not_sent_outlives_a_dead_battery(tablet, operator, steps):
    tablet.sign_in(operator)
    tablet.context.set_offline(True)
    start(tablet, steps[2])
    start(tablet, steps[3])
    expect(tablet.unsent).to_have_text(re.compile("2 not sent"))
    tablet.page.close()  # As it stands: nothing is told to the page.
    tablet.context.set_offline(False)

    tablet.page = tablet.context.new_page()
    tablet.open("/tasks/")

    tablet.is_all_sent()
    expect(tablet.card(steps[3]).get_by_role("link", name="Finish")).to_be_visible()
    assert paths_done() == [f"/tasks/{step.pk}/start/" for step in steps[2:4]]


def test_of_two_tabs_one_sends(tablet, operator, steps):
    tablet.sign_in(operator)
    other = tablet.context.new_page()
    other.goto(tablet.base + "/tasks/")
    tablet.context.set_offline(True)
    for step in steps[2:7]:
        start(tablet, step)
    expect(other.locator(".unsent")).to_have_text(re.compile("5 not sent"))

    tablet.context.set_offline(False)

    tablet.is_all_sent()
    expect(other.locator(".unsent")).to_be_hidden()
    assert [path for path, _ in tablet.posts] == [f"/tasks/{step.pk}/start/" for step in steps[2:7]]


def test_a_refusal_holds_what_comes_after_it_on_the_same_step_and_nothing_else(
    tablet, operator, steps
):
    tablet.sign_in(operator)
    wait_until_kept(tablet)
    tablet.context.set_offline(True)
    fill_in(tablet, steps[0], "Report", "Report", good="50")  # More than planned.
    fill_in(tablet, steps[0], "Pause", "Pause")
    start(tablet, steps[2])
    tablet.context.set_offline(False)

    card = tablet.card(steps[0])
    expect(card.get_by_role("alert")).to_contain_text("Report")
    expect(tablet.unsent).to_have_text(re.compile("2 not sent"))
    steps[0].refresh_from_db()
    assert (steps[0].status, steps[0].quantity_good) == (StepStatus.IN_PROGRESS, 0)
    assert paths_done() == [f"/tasks/{steps[2].pk}/start/"]
    tablet.shoot("floor-refused")

    tablet.page.reload()
    card.get_by_role("button", name="Report anyway").tap()
    tablet.is_all_sent()

    steps[0].refresh_from_db()
    assert (steps[0].status, steps[0].quantity_good) == (StepStatus.PAUSED, 50)


def test_a_refusal_stands_beside_the_field_that_it_is_about(tablet, operator, steps):
    tablet.sign_in(operator)
    tablet.page.set_viewport_size({"width": 400, "height": 800})
    tablet.open(f"/tasks/{steps[0].pk}/report/")

    for typed, words in (("12 good", "whole number"), ("99999999999", "10,000,000")):
        tablet.page.get_by_label("Good", exact=True).fill(typed)
        tablet.tap("Report")

        beside = tablet.page.locator(".quantities:has([name=quantity_good]) .entry--refused")
        expect(beside).to_contain_text(words)
        expect(beside).to_be_in_viewport()
        expect(tablet.page.get_by_label("Good", exact=True)).to_have_value(typed)
    tablet.page.get_by_label("Good", exact=True).fill("1")
    tablet.tap("Report")
    tablet.is_all_sent()
    expect(tablet.said).to_contain_text("Reported: 1 good")


def test_a_refused_action_is_left_by_who_does_not_want_it_any_more(tablet, operator, steps):
    tablet.sign_in(operator)
    expect(tablet.card(steps[2])).to_be_visible()
    services.hold_job(steps[2].job_id, actor=make_user("planner"))

    start(tablet, steps[2])
    expect(tablet.card(steps[2]).get_by_role("alert")).to_be_visible()
    tablet.tap("Leave it", tablet.card(steps[2]))

    tablet.is_all_sent()
    assert not IdempotencyKey.objects.exists()


def test_what_cannot_have_left_is_taken_back(tablet, operator, steps):
    tablet.sign_in(operator)
    tablet.context.set_offline(True)
    start(tablet, steps[2])
    start(tablet, steps[3])

    tablet.tap("Take back", tablet.card(steps[2]))
    expect(tablet.unsent).to_have_text(re.compile("1 not sent"))
    tablet.context.set_offline(False)

    tablet.is_all_sent()
    assert paths_done() == [f"/tasks/{steps[3].pk}/start/"]


def test_what_one_did_is_not_sent_in_the_name_of_another(tablet, operator, steps):
    other = make_user("operator", full_name="Mehmet Öztürk")
    tablet.sign_in(operator)
    tablet.answer_posts(lambda route: route.abort())
    start(tablet, steps[2])
    expect(tablet.unsent).to_be_visible()

    tablet.sign_in(other)
    tablet.answer_no_more()  # Before it, the first one's own page would send what is theirs.
    expect(tablet.unsent).to_have_text(re.compile("1 not sent"))
    tablet.unsent.tap()
    expect(tablet.page.locator("#unsent")).to_contain_text("Ayşe Kaya (1)")
    tablet.page.wait_for_timeout(1_500)  # Longer than the first try again takes.
    assert not IdempotencyKey.objects.exists()

    tablet.sign_in(operator)
    tablet.is_all_sent()
    assert WorkLog.objects.get(step=steps[2]).user == operator


def test_a_tab_in_which_someone_else_was_signed_in_before_sends_nothing(tablet, operator, steps):
    """Two tabs, one session: the old tab still shows the first user."""
    other = make_user("operator", full_name="Mehmet Öztürk")
    tablet.sign_in(operator)
    old = tablet.page
    tablet.page = tablet.context.new_page()
    tablet.sign_in(other)

    button = old.get_by_role("button", name=f"Start {steps[2].job} {steps[2].process}").first
    button.tap()

    expect(old.locator("body")).to_have_attribute("data-user", str(other.pk))
    expect(old.locator(".unsent")).to_have_text(re.compile("1 not sent"))
    assert not WorkLog.objects.filter(step=steps[2]).exists()


def test_what_is_no_answer_of_ours_is_asked_again(tablet, operator, steps):
    """A server in trouble, one that wants less, a Wi-Fi's own page that says all is well."""
    tablet.sign_in(operator)
    answers = [
        {"status": 500, "body": "trouble"},
        {"status": 503, "headers": {"Retry-After": "1"}},
        {"status": 429, "headers": {"Retry-After": "1"}},
        {"status": 200, "content_type": "text/html", "body": WIFI_PAGE},
    ]
    left = list(answers)
    tablet.answer_posts(lambda route: route.fulfill(**left.pop(0)) if left else route.fallback())

    start(tablet, steps[2])
    expect(tablet.card(steps[2]).get_by_text("not sent yet")).to_be_visible()
    expect(tablet.unsent).to_be_hidden(timeout=30_000)

    assert [path for path, _ in tablet.posts] == [f"/tasks/{steps[2].pk}/start/"] * 5
    assert len(set(tablet.posts)) == 1
    assert paths_done() == [f"/tasks/{steps[2].pk}/start/"]


def test_the_signed_out_are_told_and_nothing_is_lost(tablet, operator, steps):
    tablet.sign_in(operator)
    expect(tablet.card(steps[2])).to_be_visible()
    cookies = [each for each in tablet.context.cookies() if "session" not in each["name"]]
    tablet.context.clear_cookies()
    tablet.context.add_cookies(cookies)

    start(tablet, steps[2])
    expect(tablet.unsent).to_be_visible()
    tablet.unsent.tap()
    tablet.page.locator("#unsent").get_by_role("link", name="Sign in").tap()
    sign_in_there(tablet.page, operator)
    expect(tablet.page).to_have_url(re.compile("/tasks/$"))

    tablet.is_all_sent()
    assert paths_done() == [f"/tasks/{steps[2].pk}/start/"]


def sign_in_there(page: Page, user: User) -> None:
    page.get_by_label("Username").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_a_double_tap_is_one_action(tablet, operator, steps):
    tablet.slow_down()
    tablet.sign_in(operator)
    button = tablet.card(steps[2]).get_by_role("button", name="Start")
    box = button.bounding_box()
    place = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    tablet.page.touchscreen.tap(*place)
    tablet.page.touchscreen.tap(*place)
    expect(tablet.card(steps[2]).get_by_role("link", name="Finish")).to_be_visible()

    tablet.is_all_sent()
    assert len(tablet.posts) == 1


def test_a_tap_is_answered_within_300_ms_on_a_poor_network(tablet, operator, steps):
    tablet.slow_down()
    tablet.sign_in(operator)
    button = tablet.card(steps[2]).get_by_role("button", name="Start").element_handle()

    taken = tablet.page.evaluate(FEEDBACK, button)

    assert taken < 300
    expect(tablet.card(steps[2]).get_by_role("link", name="Finish")).to_be_visible()


def test_a_page_that_is_not_kept_says_that_it_needs_the_network(tablet, operator, steps):
    tablet.sign_in(operator)
    wait_until_kept(tablet)
    tablet.context.set_offline(True)

    tablet.card(steps[5]).get_by_role("link").first.tap()

    expect(tablet.said).to_contain_text("needs the network")
    expect(tablet.page.get_by_role("heading", level=1)).to_be_visible()
