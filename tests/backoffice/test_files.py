"""What files hang on offers, on its page, to attach one, and shows those it has."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.urls import reverse

from apps.jobs import services
from apps.jobs.models import TARGETS, Attachment
from tests.factories import (
    make_customer,
    make_job,
    make_machine,
    make_part,
    make_process,
    make_routing,
    make_step,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(tmp_path):
    with override_settings(MEDIA_ROOT=tmp_path):
        yield tmp_path


def make_routing_step():
    return make_routing(make_process()).steps.get()


MAKE = {
    "job": make_job,
    "step": make_step,
    "routing_step": make_routing_step,
    "part": make_part,
    "customer": make_customer,
    "machine": make_machine,
}


def test_every_kind_that_files_hang_on_is_tried():
    assert set(MAKE) == set(TARGETS)


@pytest.mark.parametrize("name", MAKE)
def test_a_page_offers_to_attach_and_shows_what_is_attached(client, manager, viewer, name):
    target = MAKE[name]()
    other = MAKE[name]()
    for each, file in ((target, "mine.pdf"), (other, "others.pdf")):
        upload = SimpleUploadedFile(file, b"%PDF-1.7\n%%EOF\n")
        services.attach_file(actor=manager, target=each, upload=upload)
    meta = target._meta
    page = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[target.pk])
    attach = f"{reverse('admin:jobs_attachment_add')}?{name}={target.pk}"
    kept = Attachment.objects.get(file_name="mine.pdf")

    client.force_login(manager)
    shown = client.get(page).content.decode()
    assert attach in shown
    assert f'<a href="{reverse("attachment-download", args=[kept.pk])}">mine.pdf</a>' in shown
    assert "others.pdf" not in shown
    assert f'<option value="{target.pk}" selected>' in client.get(attach).content.decode()

    client.force_login(viewer)
    shown = client.get(page).content.decode()
    assert "mine.pdf" in shown
    assert attach not in shown


def test_a_routing_leads_to_its_steps_where_their_files_are(client, planner):
    routing = make_routing(make_process())
    client.force_login(planner)
    page = client.get(reverse("admin:jobs_routing_change", args=[routing.pk])).content.decode()
    assert reverse("admin:jobs_routingstep_change", args=[routing.steps.get().pk]) in page
