"""From a new customer to a finished job, as people do it."""

import pytest
from playwright.sync_api import expect

from apps.customers.models import Customer
from apps.jobs.models import Job
from apps.jobs.states import JobStatus, StepStatus
from tests.factories import make_process, make_reason, make_routing, make_user, permit

pytestmark = pytest.mark.browser


def choose(page, field: str, text: str) -> None:
    """Pick from one of the admin's autocomplete fields."""
    page.locator(f".field-{field} .select2-selection").click()
    page.locator(".select2-search__field").fill(text)
    page.locator(".select2-results__option", has_text=text).click()


def fill(page, **quantities: str) -> None:
    for label, value in quantities.items():
        page.get_by_label(label.capitalize(), exact=True).fill(value)


def test_a_job_goes_from_a_new_customer_to_completed(watched):
    planner, operator = make_user("planner"), make_user("operator", full_name="Ayşe Kaya")
    cutting, packing = make_process(name="Cutting"), make_process(name="Packing")
    routing = make_routing(cutting, packing, name="Cut and pack")
    reason = make_reason(name="Scratched")
    for process in (cutting, packing):
        permit(operator, process)

    job = plan_and_release(watched, planner, routing)
    first, second = job.steps.order_by("sequence")
    work_first(watched, operator, job, reason)
    finish_second(watched, second)

    job.refresh_from_db()
    first.refresh_from_db()
    second.refresh_from_db()
    assert job.status == JobStatus.COMPLETED
    assert (first.status, first.quantity_good, first.quantity_scrap) == (
        StepStatus.COMPLETED,
        17,
        3,
    )
    assert (second.quantity_good, second.quantity_scrap) == (19, 1)
    see_it_completed(watched, planner, job)


def plan_and_release(watched, planner, routing) -> Job:
    page = watched.page
    watched.sign_in(planner)
    watched.open("/admin/customers/customer/add/")
    page.get_by_label("Name:", exact=True).fill("Aksoy Metal")
    watched.shoot("admin-customer-add")
    watched.press("Save", exact=True)
    assert Customer.objects.get().name == "Aksoy Metal"

    watched.open("/admin/jobs/job/add/")
    choose(page, "customer", "Aksoy Metal")
    choose(page, "routing", "Cut and pack")
    page.get_by_label("Quantity:").fill("20")
    watched.shoot("admin-job-add")
    watched.press("Save and continue editing")
    job = Job.objects.get()
    assert (job.status, job.steps_total) == (JobStatus.DRAFT, 2)

    watched.press("Release to the floor")
    expect(page.get_by_text(f"{job} is released")).to_be_visible()
    watched.shoot("admin-job-released")
    return job


def work_first(watched, operator, job: Job, reason) -> None:
    """Set up, run, report with scrap, pause, resume, finish."""
    page = watched.page
    watched.sign_in(operator)
    assert page.url.endswith("/tasks/")
    watched.shoot("flow-ready")

    watched.press("Start")
    expect(page.get_by_role("heading", name="Running now")).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    watched.shoot("flow-started")

    watched.follow("Report")
    fill(page, good="10", scrap="3")
    page.get_by_label("Why it was scrapped").select_option(label=str(reason))
    watched.shoot("flow-report")
    watched.press("Report", exact=True)
    expect(page.get_by_text("Reported: 10 good, 3 scrap")).to_be_visible()

    watched.follow("Pause")
    watched.press("Pause", exact=True)
    watched.press("Resume")

    watched.follow("Finish")
    assert page.get_by_label("Good", exact=True).input_value() == "7"
    watched.press("Finish", exact=True)
    expect(page.get_by_text("Finished:")).to_be_visible()
    watched.shoot("flow-finished")


def finish_second(watched, step) -> None:
    page = watched.page
    expect(page.get_by_role("heading", name="Packing")).to_be_visible()
    watched.press("Start")
    watched.follow("Finish")
    fill(page, good="19", scrap="1")
    page.get_by_label("Why it was scrapped").select_option(label="Scratched")
    watched.press("Finish", exact=True)
    expect(page.get_by_text("Nothing is ready for you.")).to_be_visible()
    watched.shoot("flow-nothing-left")

    watched.open(f"/tasks/{step.pk}/")
    expect(page.get_by_text("2 of 2 done")).to_be_visible()
    watched.shoot("flow-step-completed")


def see_it_completed(watched, planner, job: Job) -> None:
    watched.sign_in(planner)
    watched.open(f"/admin/jobs/job/{job.pk}/change/")
    expect(watched.page.locator(".field-status .readonly")).to_have_text("Completed")
    watched.shoot("admin-job-completed")
    watched.open("/")
    watched.shoot("flow-board")
