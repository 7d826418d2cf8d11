"""The device: its settings, its clock, its pad, its lock, and focus."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from apps.accounts.models import User
from apps.accounts.terminals import DEVICE
from apps.jobs import services
from apps.jobs.models import JobStep, WorkLog
from apps.jobs.states import StepStatus
from tests.accounts.devices import Device, set_up
from tests.e2e.tablet import ready_steps
from tests.factories import make_user

pytestmark = pytest.mark.browser

# In the page, before its own script: a clock two hours fast, and a screen lock that counts.
WRONG_CLOCK = "const real = Date.now; Date.now = () => real() + 7_200_000;"
WAKE = """
let held = 0;
const show = (by) => { document.documentElement.dataset.held = String(held += by); };
Object.defineProperty(navigator, "wakeLock", { value: { request: async () => {
  show(1);
  return { released: false, release: async () => show(-1) };
} } });
"""


@pytest.fixture
def operator(committed) -> User:
    return make_user("operator", full_name="Ayşe Kaya")


@pytest.fixture
def step(operator) -> JobStep:
    """What the operator has worked on for an hour and a half."""
    made = ready_steps(operator, make_user("planner"), 1)[0]
    services.start_step(made.pk, actor=operator)
    WorkLog.objects.update(started_at=timezone.now() - timedelta(minutes=90))
    return made


def field(tablet, label: str):
    return tablet.page.get_by_label(label, exact=True)


def press(tablet, *keys: str) -> None:
    for key in keys:
        tablet.page.locator(f'[data-pad] [data-key="{key}"]').tap()


def test_settings_stay_with_the_device_and_hold_before_anything_is_drawn(tablet, operator):
    tablet.sign_in(operator)
    tablet.page.get_by_role("button", name="This device").tap()
    for choice in ("Dark", "Large", "The left hand"):
        tablet.page.locator("#settings").get_by_text(choice, exact=True).tap()
    tablet.page.get_by_role("button", name="Done").tap()

    tablet.page.add_init_script(
        "new MutationObserver((_, observer) => { if (!document.body) return;"
        " globalThis.first = { ...document.documentElement.dataset }; observer.disconnect(); })"
        ".observe(document, { childList: true, subtree: true })"
    )
    tablet.sign_in(make_user("operator"))

    assert tablet.page.evaluate("first") == {"theme": "dark", "text": "large", "hand": "left"}
    background = "getComputedStyle(document.body.parentElement).backgroundColor"
    assert tablet.page.evaluate(background) == "rgb(15, 19, 24)"


def test_timers_go_by_the_shops_clock_and_outlive_a_reload(tablet, operator, step):
    tablet.page.add_init_script(WRONG_CLOCK)
    tablet.sign_in(operator)
    timer = tablet.card(step).get_by_role("timer")

    expect(timer).to_have_text(re.compile(r"^01:30:\d\d$"))
    shown = timer.inner_text()
    expect(timer).not_to_have_text(shown)  # It ticks.
    tablet.page.reload()
    expect(timer).to_have_text(re.compile(r"^01:30:\d\d$"))


def test_the_screen_stays_on_while_something_runs(tablet, operator, step):
    tablet.page.add_init_script(WAKE)
    tablet.sign_in(operator)
    expect(tablet.page.locator("html")).to_have_attribute("data-held", "1")

    tablet.tap("Pause", tablet.card(step), role="link")
    tablet.tap("Pause")
    expect(tablet.said).to_contain_text("Paused")

    expect(tablet.page.locator("html")).to_have_attribute("data-held", "0")


def test_the_pad_writes_into_the_field_that_was_touched(tablet, operator, step):
    tablet.sign_in(operator)
    tablet.open(f"/tasks/{step.pk}/finish/")
    good, scrap, rework = (field(tablet, each) for each in ("Good", "Scrap", "Rework"))
    reason = tablet.page.get_by_label("Why it was scrapped")
    assert good.input_value() == "10"

    scrap.tap()
    press(tablet, "3")
    assert (good.input_value(), scrap.input_value()) == ("7", "3")
    expect(reason).to_be_visible()
    rework.tap()
    press(tablet, "1", "2", "back")
    assert (good.input_value(), rework.input_value()) == ("6", "1")
    good.tap()
    press(tablet, "4")  # By hand from here on.
    expect(tablet.page.locator('[data-sum="short"]')).to_contain_text("2")
    press(tablet, "plus10")
    assert good.input_value() == "14"
    expect(tablet.page.locator('[data-sum="over"]')).to_contain_text("8")
    expect(tablet.page.locator('[data-sum="short"]')).to_be_hidden()
    press(tablet, "rest")
    assert good.input_value() == "6"
    expect(tablet.page.locator('[data-sum="over"]')).to_be_hidden()


def test_pallets_and_counters_are_reckoned_at_once(tablet, operator, step):
    tablet.sign_in(operator)
    tablet.open(f"/tasks/{step.pk}/report/")
    tablet.page.get_by_text("Count by pallets or by a counter").tap()
    field(tablet, "Full pallets").fill("2")
    field(tablet, "Pieces on each").fill("3")
    field(tablet, "Loose pieces").fill("1")
    assert field(tablet, "Good").input_value() == "7"

    tablet.tap("Report")
    expect(tablet.said).to_contain_text("Reported: 7 good")

    tablet.open(f"/tasks/{step.pk}/report/")
    tablet.page.get_by_text("Count by pallets or by a counter").tap()
    field(tablet, "Counter before").fill("1000")
    field(tablet, "Counter now").fill("1002")
    assert field(tablet, "Good").input_value() == "2"
    tablet.tap("Report")
    expect(tablet.said).to_contain_text("Reported: 2 good")
    step.refresh_from_db()
    assert step.quantity_good == 9


def test_too_many_is_warned_of_and_not_forbidden(tablet, operator, step):
    tablet.sign_in(operator)
    tablet.open(f"/tasks/{step.pk}/finish/")
    field(tablet, "Good").fill("12")

    tablet.page.locator('[data-sum="over"]').get_by_role("button").tap()

    expect(tablet.said).to_contain_text("Finished")
    step.refresh_from_db()
    assert (step.status, step.quantity_good) == (StepStatus.COMPLETED, 12)


def test_undo_is_offered_for_ten_seconds(tablet, operator, step):
    tablet.sign_in(operator)
    tablet.tap("Finish", tablet.card(step), role="link")
    tablet.tap("Finish")
    tablet.tap("Undo", tablet.said)

    expect(tablet.said).to_contain_text("Undone")
    expect(tablet.card(step).get_by_role("timer")).to_be_visible()
    expect(tablet.said.locator(".toast")).to_have_count(0, timeout=12_000)


COVERED = """() => {
    const box = document.querySelector("#said .toast").getBoundingClientRect();
    return [...document.querySelectorAll("main .button--primary")].some((button) => {
        const { top, bottom } = button.getBoundingClientRect();
        return top < box.bottom && bottom > box.top;
    });
}"""


def test_a_toast_covers_no_finish_on_a_phone_wherever_the_page_is_scrolled(tablet, operator):
    running = ready_steps(operator, make_user("planner"), 3)
    for each in running:
        services.start_step(each.pk, actor=operator)
    tablet.page.set_viewport_size({"width": 400, "height": 700})
    tablet.sign_in(operator)
    tablet.tap("Report", tablet.card(running[0]), role="link")
    field(tablet, "Good").fill("1")
    tablet.tap("Report")
    expect(tablet.said).to_contain_text("Reported")
    expect(tablet.said.get_by_role("button", name="Undo")).to_be_visible()

    for top in range(0, 900, 60):
        tablet.page.evaluate("top => scrollTo(0, top)", top)
        tablet.page.wait_for_timeout(60)
        assert not tablet.page.evaluate(COVERED), top

    tablet.page.evaluate("scrollTo(0, 0)")
    tablet.tap("Undo", tablet.said)
    expect(tablet.said).to_contain_text("Undone")
    running[0].refresh_from_db()
    assert running[0].quantity_good == 0


def test_focus_stays_where_it_was_when_the_page_is_fetched_again(tablet, operator, step):
    tablet.sign_in(operator)
    tablet.card(step).get_by_role("link", name="Report").focus()

    tablet.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    tablet.page.wait_for_load_state("networkidle")

    expect(tablet.card(step).get_by_role("link", name="Report")).to_be_focused()


def test_what_is_being_typed_is_not_swept_away(tablet, operator, step):
    tablet.sign_in(operator)
    tablet.open(f"/tasks/{step.pk}/help/")
    note = tablet.page.locator("textarea")
    note.fill("The coolant")

    tablet.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    tablet.page.wait_for_load_state("networkidle")

    assert note.input_value() == "The coolant"


def at_a_terminal(tablet, operator, seconds: int) -> None:
    made = set_up(lock_after_seconds=seconds)
    value = Device(made).cookies[DEVICE].value
    tablet.sign_in(operator)
    tablet.context.add_cookies([{"name": DEVICE, "value": value, "url": tablet.base}])
    tablet.open("/tasks/")


def test_a_shared_terminal_that_nobody_touches_locks(tablet, operator, step):
    tablet.page.clock.install()
    at_a_terminal(tablet, operator, 60)
    tablet.page.clock.run_for(45_000)
    tablet.page.touchscreen.tap(5, 5)  # Somebody is here.
    tablet.page.clock.run_for(45_000)
    assert tablet.page.url.endswith("/tasks/")
    tablet.page.clock.run_for(8_000)
    expect(tablet.said).to_contain_text("locks in ten seconds")

    tablet.page.clock.run_for(10_000)

    expect(tablet.page).to_have_url(re.compile("/terminal/$"))
    tablet.open("/tasks/")
    expect(tablet.page).not_to_have_url(re.compile("/tasks/$"))


def test_without_the_network_a_cover_keeps_others_out(tablet, operator, step):
    tablet.page.clock.install()
    at_a_terminal(tablet, operator, 60)
    tablet.context.set_offline(True)
    tablet.page.clock.run_for(62_000)
    expect(tablet.page.get_by_role("heading", name="Locked")).to_be_visible()
    tablet.page.keyboard.press("Escape")
    expect(tablet.page.get_by_role("heading", name="Locked")).to_be_visible()

    tablet.context.set_offline(False)
    tablet.page.clock.run_for(2_000)

    expect(tablet.page).to_have_url(re.compile("/terminal/$"))
