"""The audit trail and a record's history in a browser: readable wide and narrow."""

import re

import pytest
from django.db import connection
from django.urls import reverse
from playwright.sync_api import expect

from apps.core.acting import Source, acting_as
from apps.jobs import services
from apps.jobs.models import Job
from tests.e2e.scene import make_scene
from tests.factories import make_customer, make_user

pytestmark = pytest.mark.browser


@pytest.fixture
def scene(committed):
    """A shop whose trail has changes of every kind, through several doors."""
    scene = make_scene()
    job, manager = scene.ready.job, make_user("manager", full_name="Marta Manager")
    request = f"marta-{manager.pk:06}"
    with acting_as(manager.pk, Source.ADMIN, request):
        job.notes = "Ring before delivery. " * 12
        services.save_job(job, actor=manager, fields=["notes"])
        Job.objects.filter(pk=job.pk).update(customer=make_customer(name="Beta GmbH"))
        services.hold_job(job.pk, actor=manager)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE jobs SET priority = 3 WHERE id = %s", [job.pk])
    scene.planner.set_password("another correct horse")
    scene.planner.save(update_fields=["password"])
    return scene, manager, job


def test_a_records_history_reads_as_sentences(watched, scene):
    _, manager, job = scene
    watched.sign_in(manager)
    watched.open(reverse("admin:jobs_job_history", args=[job.pk]))

    newest, marta, *_ = watched.page.locator(".deed").all()
    expect(newest.locator("h2")).to_contain_text("Nobody signed in")
    expect(newest.locator("h2")).to_contain_text("SQL, outside Andon")
    expect(newest).to_contain_text("Urgent")
    expect(marta.locator("h2")).to_contain_text("Marta Manager")
    expect(marta).to_contain_text(re.compile(r"Customer:\s+\S.*→\s+Beta GmbH", re.DOTALL))
    expect(marta).to_contain_text(re.compile(r"Status:\s+Active\s+→\s+On hold"))
    watched.assert_fits()
    watched.shoot("history")

    whole = marta.locator(".value__whole")
    expect(whole).to_be_hidden()
    marta.locator("summary").click()
    expect(whole).to_contain_text("Ring before delivery. " * 12)

    marta.get_by_role("link", name="Whole request").click()
    expect(watched.page.locator("table.trail tbody tr").first).to_contain_text("Marta Manager")
    assert watched.page.locator("#id_q").input_value().startswith("marta-")
    watched.shoot("trail-request")


def test_the_trail_is_asked_by_filters_that_combine(watched, scene):
    _, manager, job = scene
    watched.sign_in(manager)
    watched.open("/admin/")
    expect(watched.page.locator("#recent-actions-module")).to_contain_text(str(job))
    watched.shoot("office")
    watched.follow("Changes")
    rows = watched.page.locator("table.trail tbody tr")
    expect(rows.first).to_be_visible()
    watched.assert_fits()
    watched.shoot("trail")

    watched.page.locator(".ask__field--who .select2-selection").click()
    watched.page.locator(".select2-search__field").fill("marta")
    watched.page.get_by_role("option", name="Marta Manager").click()
    watched.page.get_by_label("Record type").select_option(label="Job")
    watched.page.get_by_label("Through").select_option(label="The office")
    watched.press("Show", exact=True)

    expect(rows.first).to_contain_text(str(job))
    assert {"Marta Manager"} == {
        text.split("\n")[0].strip() for text in rows.locator(".trail__who").all_inner_texts()
    }
    watched.shoot("trail-asked")
    rows.first.get_by_role("link", name=str(job)).click()
    expect(watched.page.get_by_role("heading", level=1)).to_have_text(f"History of {job}")


def test_what_is_not_there_says_so(watched, scene):
    _, manager, _ = scene
    watched.sign_in(manager)
    watched.open("/admin/audit/auditlog/?q=nothing+such")

    expect(watched.page.locator(".history__note")).to_contain_text("“nothing such” is the number")
    watched.assert_fits()
    watched.shoot("trail-nothing")
