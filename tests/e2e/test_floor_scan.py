"""Scanning first: anywhere on the page, scan after scan, by scanner and by camera."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import segno
from playwright.sync_api import Browser, expect

from apps.accounts.models import User
from apps.jobs import services
from apps.jobs.models import JobStep
from apps.jobs.states import StepStatus
from tests.e2e.conftest import chromium
from tests.e2e.tablet import PEOPLES_PACE, SCANNERS_PACE, new_tablet, ready_steps
from tests.factories import make_machine, make_user

pytestmark = pytest.mark.browser

# In the page: press the offered button at an instant, so that two tablets do at once.
PRESS_AT = """
(instant) => setTimeout(
  () => document.querySelector("#found [data-does=act]").click(), instant - Date.now())
"""


@pytest.fixture
def operator(committed) -> User:
    return make_user("operator", full_name="Ayşe Kaya")


@pytest.fixture
def steps(operator) -> list[JobStep]:
    return ready_steps(operator, make_user("planner"), 4)


def test_from_scan_to_started_is_one_tap_and_finish_with_all_that_remains_two(
    tablet, operator, steps
):
    tablet.slow_down()
    tablet.sign_in(operator)
    step = steps[1]

    tablet.scan(f"S-{step.pk}")
    expect(tablet.found).to_contain_text(f"{step.job} · {step.process}")
    tablet.shoot("floor-scanned")
    tablet.tap("Start", tablet.found)
    expect(tablet.card(step).get_by_role("link", name="Finish")).to_be_visible()
    step.refresh_from_db()
    assert (tablet.taps, step.status) == (1, StepStatus.IN_PROGRESS)

    tablet.taps = 0
    tablet.tap("Finish", tablet.card(step), role="link")
    tablet.tap("Finish")
    expect(tablet.said).to_contain_text("Finished")
    step.refresh_from_db()
    assert (tablet.taps, step.status, step.quantity_good) == (2, StepStatus.COMPLETED, 10)


def test_many_are_scanned_in_a_row_without_reopening(tablet, operator, steps):
    tablet.sign_in(operator)
    for step in steps:
        tablet.scan(f"S-{step.pk}")
        expect(tablet.found).to_contain_text(str(step.job))
        expect(tablet.found.get_by_role("button", name="Start")).to_be_focused()
    tablet.scan("A-yes")  # A code on the sheet instead of a tap.
    expect(tablet.card(steps[-1]).get_by_role("link", name="Finish")).to_be_visible()

    tablet.scan(str(steps[0].job))  # The job's own code: its next step.
    expect(tablet.found.get_by_role("button", name="Start")).to_be_focused()
    tablet.page.keyboard.press("Enter")

    expect(tablet.card(steps[0]).get_by_role("link", name="Finish")).to_be_visible()
    tablet.is_all_sent()
    running = JobStep.objects.filter(status=StepStatus.IN_PROGRESS)
    assert set(running.values_list("pk", flat=True)) == {steps[0].pk, steps[-1].pk}


def test_a_scan_is_taken_out_of_a_field_and_what_is_typed_stays_in_it(tablet, operator, steps):
    services.start_step(steps[0].pk, actor=operator)
    tablet.sign_in(operator)
    tablet.open(f"/tasks/{steps[0].pk}/finish/")
    good = tablet.page.get_by_label("Good", exact=True)

    good.fill("7")
    tablet.scan(f"S-{steps[1].pk}")
    expect(tablet.found).to_contain_text(str(steps[1].job))
    assert good.input_value() == "7"
    tablet.page.keyboard.press("Escape")
    expect(tablet.found).to_be_hidden()

    good.focus()
    good.fill("")
    tablet.type("S-1", pace=PEOPLES_PACE)  # By hand: no business of the scanner's.
    assert good.input_value() == "S-1"
    good.fill("")
    tablet.type("1234", pace=SCANNERS_PACE)  # As fast as a scanner, but no code of ours.
    assert good.input_value() == "1234"
    expect(tablet.found).to_be_hidden()


def test_enter_of_a_scanner_presses_nothing(tablet, operator, steps):
    tablet.sign_in(operator)
    tablet.card(steps[0]).get_by_role("button", name="Start").focus()

    tablet.scan(f"S-{steps[1].pk}")

    expect(tablet.found).to_contain_text(str(steps[1].job))
    assert tablet.posts == []


def test_a_scanner_set_to_another_keyboard_is_understood(tablet, operator, steps):
    """On a German keyboard the key of the hyphen gives ß: what was pressed is read."""
    tablet.sign_in(operator)
    keys = [("S", "KeyS"), ("ß", "Minus"), *((n, f"Digit{n}") for n in str(steps[0].pk))]
    tablet.page.evaluate(
        """(keys) => [...keys, ["Enter", "Enter"]].forEach(([key, code]) => document.body
            .dispatchEvent(new KeyboardEvent("keydown", { key, code, bubbles: true })))""",
        keys,
    )

    expect(tablet.found).to_contain_text(str(steps[0].job))


def test_an_unknown_code_says_so(tablet, operator):
    tablet.sign_in(operator)

    tablet.scan("S-999999")

    expect(tablet.found).to_contain_text("S-999999")
    expect(tablet.found.get_by_role("button")).to_have_count(1)  # Close.
    tablet.shoot("floor-unknown-code")


def test_a_machines_code_narrows_the_page_to_it(tablet, operator, steps):
    machine = make_machine(steps[0].process, name="Bench 4")
    tablet.sign_in(operator)

    tablet.scan(f"M-{machine.code}")
    tablet.found.get_by_role("button", name="Work here").tap()

    expect(tablet.page.locator("main")).to_contain_text("Bench 4", timeout=20_000)
    tablet.is_all_sent()
    cookies = {each["name"]: each["value"] for each in tablet.context.cookies()}
    assert cookies["andon_machine"] == str(machine.pk)


def test_an_action_of_which_more_is_to_be_said_opens_its_page(tablet, operator, steps):
    services.start_step(steps[0].pk, actor=operator)
    tablet.sign_in(operator)
    expect(tablet.card(steps[0])).to_be_visible()

    tablet.scan("A-report")

    tablet.found.get_by_role("link", name="Open").tap()
    expect(tablet.page).to_have_url(re.compile(rf"/tasks/{steps[0].pk}/report/$"))


def test_a_typed_code_is_looked_up_likewise(tablet, operator, steps):
    tablet.sign_in(operator)

    tablet.page.get_by_label("Type a code").fill(f"s-{steps[2].pk}")
    tablet.page.keyboard.press("Enter")

    expect(tablet.found).to_contain_text(str(steps[2].job))


def test_without_the_network_a_code_is_kept_until_it_is_back(tablet, operator, steps):
    tablet.sign_in(operator)
    expect(tablet.card(steps[0])).to_be_visible()
    tablet.context.set_offline(True)
    for step in steps[:2]:
        tablet.scan(f"S-{step.pk}")
        expect(tablet.said).to_contain_text("cannot be looked up")
    expect(tablet.found).to_be_hidden()

    tablet.context.set_offline(False)

    expect(tablet.found).to_contain_text(str(steps[0].job))
    tablet.tap("Start", tablet.found)
    expect(tablet.found).to_contain_text(str(steps[1].job))
    tablet.tap("Close", tablet.found)
    expect(tablet.found).to_be_hidden()


def test_two_who_scan_one_step_at_once(new, operator, steps):
    colleague = make_user("operator", full_name="Mehmet Öztürk")
    both = {operator: new(), colleague: new()}
    for user, tablet in both.items():
        tablet.sign_in(user)
        tablet.scan(f"S-{steps[0].pk}")
        expect(tablet.found.get_by_role("button", name="Start")).to_be_visible()
    instant = next(iter(both.values())).page.evaluate("Date.now() + 500")

    for tablet in both.values():
        tablet.page.evaluate(PRESS_AT, instant)
    for tablet in both.values():
        expect(
            tablet.card(steps[0])
            .get_by_role("link", name="Finish")
            .or_(tablet.card(steps[0]).get_by_role("alert"))
            .first
        ).to_be_visible()

    steps[0].refresh_from_db()
    assert steps[0].status == StepStatus.IN_PROGRESS
    winner = steps[0].worklogs.get().user if hasattr(steps[0], "worklogs") else steps[0].assigned_to
    loser = colleague if winner == operator else operator
    expect(both[winner].card(steps[0]).get_by_role("link", name="Finish")).to_be_visible()
    refusal = both[loser].card(steps[0]).get_by_role("alert")
    expect(refusal).to_contain_text(winner.full_name)
    both[loser].shoot("floor-somebody-was-first")

    both[loser].tap("Join", both[loser].card(steps[0]))
    expect(both[loser].card(steps[0]).get_by_role("link", name="Finish")).to_be_visible()
    both[loser].is_all_sent()


@pytest.fixture
def camera(browser: Browser, tmp_path, operator, steps) -> Iterator[Browser]:
    """A Chromium whose camera sees the code of the first step."""
    film = tmp_path / "code.y4m"
    make_film(film, f"S-{steps[0].pk}")
    arguments = [
        "--no-sandbox",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    started = browser.browser_type.launch(executable_path=chromium(), args=arguments)
    yield started
    started.close()


def make_film(path: Path, code: str, width: int = 640, height: int = 480) -> None:
    """Write ten frames of a code held before a camera, as YUV4MPEG2."""
    matrix = [[bool(dot) for dot in row] for row in segno.make_qr(code, error="m").matrix]
    dot, size = 10, len(matrix)
    left, top = (width - size * dot) // 2, (height - size * dot) // 2
    luma = bytearray(b"\xc8" * (width * height))
    for row, dots in enumerate(matrix):
        line = b"".join((b"\x20" if dark else b"\xc8") * dot for dark in dots)
        for y in range(top + row * dot, top + (row + 1) * dot):
            luma[y * width + left : y * width + left + size * dot] = line
    frame = b"FRAME\n" + bytes(luma) + b"\x80" * (width * height // 2)
    path.write_bytes(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420\n".encode() + frame * 10)


def test_the_camera_reads_a_code_by_a_reader_that_is_loaded_only_then(
    camera, operator, steps, live_server
):
    tablet = new_tablet(camera, live_server.url, None)
    loaded = []
    tablet.page.on("request", lambda request: loaded.append(request.url))
    tablet.sign_in(operator)
    expect(tablet.card(steps[0])).to_be_visible()
    assert not [url for url in loaded if "/libraries/" in url]

    tablet.page.get_by_role("button", name="Scan by camera").tap()

    expect(tablet.page.locator("#camera")).to_contain_text(f"S-{steps[0].pk}", timeout=20_000)
    expect(tablet.found).to_contain_text(str(steps[0].job))
    tablet.page.locator("#camera").get_by_role("button", name="Close").tap()
    tablet.tap("Start", tablet.found)
    expect(tablet.card(steps[0]).get_by_role("link", name="Finish")).to_be_visible()
    assert tablet.complaints == []
    tablet.context.close()


def test_a_camera_that_may_not_be_used_is_told_in_words(tablet, operator):
    tablet.page.add_init_script(
        "navigator.mediaDevices.getUserMedia = async () => {"
        " throw new DOMException('no', 'NotAllowedError'); }"
    )
    tablet.sign_in(operator)

    tablet.page.get_by_role("button", name="Scan by camera").tap()

    expect(tablet.page.locator("#camera")).to_contain_text("may not be used here")
    tablet.shoot("floor-camera-denied")
