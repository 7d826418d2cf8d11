"""An operator's day at a shared terminal, on the demo's data and a poor network."""

import re

import pytest
from playwright.sync_api import expect

from apps.accounts import pins
from apps.accounts.models import User
from apps.accounts.services import set_up_terminal
from apps.accounts.terminals import DEVICE
from apps.demo import services as demo
from apps.jobs.models import JobStep, WorkLog
from apps.jobs.states import JobStatus, StepStatus
from apps.machines.models import Machine, Reason
from apps.machines.states import MachineStatus, ReasonKind
from apps.processes.selectors import process_rights
from tests.accounts.devices import Device
from tests.invariants import assert_invariants

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PIN = "4711"


@pytest.fixture
def person(transactional_db) -> User:
    """One of the demo's operators, with a PIN and a badge, who works on nothing just now."""
    demo.load_demo()
    busy = WorkLog.objects.open().values("user")
    found = User.objects.filter(role__code="operator", is_active=True).exclude(pk__in=busy)
    person = found.order_by("pk").first()
    person.pin, person.badge_code = pins.hashed(PIN), "B-77"
    person.save(update_fields=["pin", "badge_code"])
    return person


def become_terminal(tablet) -> None:
    made = set_up_terminal("By the lathes", actor=User.objects.get(username="admin"))
    value = Device(made).cookies[DEVICE].value
    tablet.context.add_cookies([{"name": DEVICE, "value": value, "url": tablet.base}])


def sign_in_by_pin(tablet, person) -> None:
    tablet.open("/terminal/")
    tablet.page.get_by_label(re.compile("badge")).fill(person.username)
    tablet.page.locator("#id_pin").click()
    for digit in PIN:
        tablet.page.locator("#pad").get_by_role("button", name=digit, exact=True).tap()
    tablet.page.get_by_role("button", name="Sign in", exact=True).tap()
    tablet.page.wait_for_url("**/tasks/")


def two_to_do(person) -> tuple[JobStep, Machine, JobStep]:
    """Return a step with a machine that can do it and is free, and one that is done by hand."""
    mine = JobStep.objects.with_labels().filter(
        status=StepStatus.READY,
        job__status=JobStatus.ACTIVE,
        process__in=process_rights(person.role_id).execute,
        machine=None,
        assigned_to=None,
        quantity_planned__gt=20,
    )
    free = Machine.objects.active().filter(status=MachineStatus.IDLE)
    for step in mine.filter(process__needs_machine=True).order_by("pk"):
        machine = free.filter(processes=step.process_id).order_by("pk").first()
        if machine:
            break
    by_hand = mine.filter(process__needs_machine=False).exclude(job=step.job_id).order_by("pk")
    return step, machine, by_hand.first()


def test_a_day(tablet, person):
    step, machine, following = two_to_do(person)
    become_terminal(tablet)
    tablet.slow_down()
    sign_in_by_pin(tablet, person)

    morning(tablet, step, machine)
    step.refresh_from_db()
    assert (step.status, step.machine) == (StepStatus.COMPLETED, machine)
    assert (step.quantity_good, step.quantity_scrap) == (step.quantity_planned - 2, 2)

    afternoon(tablet, following)
    following.refresh_from_db()
    assert following.status == StepStatus.PAUSED
    logs = WorkLog.objects.filter(step__in=(step, following))
    assert set(logs.values_list("user", flat=True)) == {person.pk}
    assert not logs.open().exists()
    assert len(tablet.posts) == len(set(tablet.posts)) == 8
    assert_invariants()

    tablet.page.get_by_role("button", name="Switch").tap()
    expect(tablet.page).to_have_url(re.compile("/terminal/"))


def morning(tablet, step, machine) -> None:
    """Scan the machine and the step; start, report, pause, resume, and finish with scrap."""
    card = tablet.card(step)
    tablet.scan(f"M-{machine.code}")
    tablet.tap("Work here", tablet.found)
    expect(tablet.page.locator("main .stand")).to_contain_text(machine.name)

    tablet.scan(f"S-{step.pk}")
    tablet.tap("Start", tablet.found)
    expect(card.get_by_role("timer")).to_be_visible()
    tablet.shoot("day-started")

    report(tablet, card, good="12")
    expect(card).to_contain_text("12")

    tablet.tap("Pause", card, role="link")
    tablet.tap("Pause")
    expect(tablet.said).to_contain_text("Paused")
    expect(card.get_by_role("timer")).to_have_count(0)
    tablet.tap(f"Resume {step.job} {step.process}", card)
    expect(card.get_by_role("timer")).to_be_visible()

    finish_with_scrap(tablet, card)


def afternoon(tablet, step) -> None:
    """Go on with the next, and end the shift in the middle of it."""
    tablet.scan(f"S-{step.pk}")
    expect(tablet.found).to_contain_text(str(step.process))
    tablet.tap("Start", tablet.found)
    expect(tablet.card(step).get_by_role("timer")).to_be_visible()
    tablet.page.get_by_role("link", name="End of shift").tap()
    tablet.tap("Pause all of mine")
    expect(tablet.said).to_contain_text("1 step is paused")


def report(tablet, card, *, good: str) -> None:
    """Type with the pad, as a glove does."""
    tablet.tap("Report", card, role="link")
    expect(tablet.page.locator("[data-pad]")).to_be_visible()
    for digit in good:
        tablet.tap(digit, tablet.page.locator("[data-pad]"))
    tablet.shoot("day-report")
    tablet.tap("Report")
    expect(tablet.said).to_contain_text(f"Reported: {good} good")


def finish_with_scrap(tablet, card) -> None:
    """Say two of scrap: the reason is asked, and good is what then remains."""
    reason = Reason.objects.filter(kind=ReasonKind.SCRAP, is_active=True).order_by("name")[0]
    tablet.tap("Finish", card, role="link")
    reasons = tablet.page.get_by_label("Why it was scrapped")
    expect(reasons).to_be_hidden()
    tablet.page.get_by_label("Scrap", exact=True).tap()
    tablet.tap("2", tablet.page.locator("[data-pad]"))
    expect(reasons).to_be_visible()
    tablet.tap("Finish")  # Not without the reason: it stays here.
    expect(reasons).to_be_focused()
    reasons.select_option(label=reason.name)
    tablet.shoot("day-finish")
    tablet.tap("Finish")
    expect(tablet.said).to_contain_text("Finished")
