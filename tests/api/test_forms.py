"""Forms: read where files are taken, refused in words elsewhere, whatever read them before us."""

import pytest

from apps.jobs.models import JobStep
from tests.factories import make_customer, make_job, make_process, permit

pytestmark = pytest.mark.django_db

FORM = {"quantity_good": "5"}


def test_a_form_is_no_empty_body(program):
    operating, process = program("operator"), make_process()
    permit(operating.user, process)
    step = make_job(process, released=True).steps.get()
    operating.post(f"job-steps/{step.pk}/start/")

    for headers in ({}, {"Idempotency-Key": "form-1"}):
        answer = operating.client.post(
            f"/api/v1/job-steps/{step.pk}/complete/", FORM, headers=headers
        )
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type"), (
            answer.json()
        )
    assert JobStep.objects.get().status == "in_progress"


def test_a_form_without_its_file_is_refused_with_a_key_too(planning):
    customer = make_customer()

    answers = [
        planning.client.post(
            "/api/v1/attachments/", {"customer": customer.pk}, headers={"Idempotency-Key": "form-2"}
        )
        for _ in range(2)
    ]

    for answer in answers:
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "#/upload")


def test_a_body_in_chunks_is_refused_rather_than_read_as_empty(planning):
    job = make_job()
    answer = planning.client.generic(
        "POST",
        f"/api/v1/jobs/{job.pk}/cancel/",
        headers={"Transfer-Encoding": "chunked"},
        CONTENT_LENGTH="",
    )

    assert (answer.status_code, answer.json()["code"]) == (411, "length_required")
    job.refresh_from_db()
    assert job.status == "draft"
