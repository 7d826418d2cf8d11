"""Made for the floor: each operators' page measured, light and dark, on phone and tablet."""

import pytest
from playwright.sync_api import expect

from apps.jobs import services
from apps.machines.models import Machine
from tests.e2e.measures import measure, violations
from tests.e2e.scene import Scene, make_scene

pytestmark = pytest.mark.browser

JS_AT_MOST = 60_000  # Bytes of JavaScript on one page, as transferred.
SIZES = ((800, 1280), (360, 740), (1280, 800))


@pytest.fixture
def scene(committed) -> Scene:
    made = make_scene()
    services.report_step(made.running.pk, services.Report(good=1), actor=made.operator)
    return made


def addresses(scene: Scene) -> dict[str, str]:
    running = scene.running.pk
    machine = Machine.objects.filter(running_steps__gt=0).first()
    return {
        "tasks": "/tasks/",
        "mine": f"/tasks/{running}/",
        "ready": f"/tasks/{scene.ready.pk}/",
        "taken": f"/tasks/{scene.taken.pk}/",
        "paused": f"/tasks/{scene.paused.pk}/",
        "finish": f"/tasks/{running}/finish/",
        "report": f"/tasks/{running}/report/",
        "pause": f"/tasks/{running}/pause/",
        "help": f"/tasks/{running}/help/",
        "machines": "/tasks/machine/",
        "down": f"/tasks/machine/{machine.pk}/down/",
        "end": "/tasks/end/",
    }


def faults(tablet, name: str) -> dict[str, object]:
    """Return what is wrong with what the page shows, in each size and theme."""
    found = {}
    for width, height in SIZES:
        tablet.page.set_viewport_size({"width": width, "height": height})
        wrong = measure(tablet.page)
        over = tablet.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wrong or over > 0:
            found[f"{name} at {width}"] = wrong | ({"too wide": over} if over > 0 else {})
    for scheme in ("light", "dark"):
        tablet.page.emulate_media(color_scheme=scheme)
        wrong = violations(tablet.page), measure(tablet.page).get("faint")
        if any(wrong):
            found[f"{name} {scheme}"] = wrong
    tablet.page.emulate_media(color_scheme="light")
    return found


def test_every_page_is_made_for_gloves_and_for_all_eyes(tablet, scene):
    tablet.sign_in(scene.operator)
    found = {}
    for name, address in addresses(scene).items():
        tablet.open(address)
        expect(tablet.page.locator("#tools")).to_be_visible()  # The script has run.
        found |= faults(tablet, name)

    assert found == {}


def test_so_is_what_the_script_shows(tablet, scene):
    tablet.sign_in(scene.operator)
    found = {}

    tablet.page.get_by_role("button", name="This device").tap()
    tablet.shoot("floor-device")
    found |= faults(tablet, "device")
    tablet.page.get_by_role("button", name="Done").tap()

    tablet.scan(f"S-{scene.ready.pk}")
    expect(tablet.found).to_contain_text(str(scene.ready.job))
    found |= faults(tablet, "scanned")
    tablet.tap("Close", tablet.found)

    tablet.context.set_offline(True)
    tablet.page.locator("main form[data-send] button").first.tap()
    expect(tablet.unsent).to_be_visible()
    found |= faults(tablet, "a card with what is not sent")
    tablet.unsent.tap()
    found |= faults(tablet, "what is not sent")

    assert found == {}


@pytest.mark.parametrize("hand", ["left"])
def test_large_text_and_the_left_hand_fit_a_phone_too(tablet, scene, hand):
    tablet.sign_in(scene.operator)
    tablet.page.evaluate(
        "(hand) => { localStorage['andon.text'] = 'large'; localStorage['andon.hand'] = hand; }",
        hand,
    )
    found = {}
    for name in ("tasks", "mine", "finish"):
        tablet.open(addresses(scene)[name])
        assert tablet.page.locator("html").get_attribute("data-text") == "large"
        found |= faults(tablet, name)
        tablet.shoot(f"floor-large-left-{name}")

    assert found == {}


def test_no_page_transfers_more_than_60_kb_of_javascript(tablet, scene):
    tablet.sign_in(scene.operator)
    heavy = {}
    for name, address in addresses(scene).items():
        sizes = []
        listen = scripts_into(sizes)
        tablet.page.on("response", listen)
        tablet.open(address)
        tablet.page.wait_for_load_state("networkidle")
        tablet.page.remove_listener("response", listen)
        assert len(sizes) > 10, sizes
        if sum(sizes) > JS_AT_MOST:
            heavy[name] = sum(sizes)

    assert heavy == {}


def scripts_into(sizes: list[int]):
    def listen(response) -> None:
        if response.url.endswith(".js"):
            sizes.append(len(response.body()))

    return listen


def test_the_keyboard_alone_is_enough(tablet, scene):
    """Start, report and finish with Tab, Enter and digits; focus is never lost."""
    tablet.sign_in(scene.operator)
    keys, focused = tablet.page.keyboard, "document.activeElement"

    def tab_to(text: str) -> None:
        for _ in range(80):
            keys.press("Tab")
            if tablet.page.evaluate(f"{focused}.textContent.replace(/\\s+/g, ' ').trim()") == text:
                ring = tablet.page.evaluate(f"getComputedStyle({focused}).outlineWidth")
                assert ring == "3px"
                return
        raise AssertionError(text)

    tab_to("Report")
    keys.press("Enter")
    expect(tablet.page.get_by_label("Good", exact=True)).to_be_visible()
    while tablet.page.evaluate(f"{focused}.name") != "quantity_good":
        keys.press("Tab")
    keys.type("5")
    keys.press("Enter")
    expect(tablet.said).to_contain_text("Reported: 5 good")
    assert tablet.page.evaluate(f"{focused} !== document.body")
    tablet.is_all_sent()
