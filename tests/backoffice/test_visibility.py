"""The office shows a role only what it may see, though it may change whatever it sees."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Role
from apps.jobs.models import Attachment, Job, JobStep, WorkLog
from tests.factories import make_job, make_process, make_user, permit

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(operator):
    """Someone in the office who may change jobs and what belongs to them, and view none at large.

    Seen are the steps of the role's processes, with their jobs and files, and the clerk's own logs.
    """
    Role.objects.filter(pk=operator.role_id).update(has_office_access=True)
    operator.role.group.permissions.set(
        Permission.objects.filter(content_type__app_label="jobs", codename__startswith="change_")
    )
    operator.refresh_from_db()
    return operator


def rows_of(process, user):
    """A job with its step, a log of the step by the user, and a file on the step."""
    step = make_job(process, released=True).steps.get()
    log = WorkLog.objects.create(step=step, user=user, started_at=timezone.now())
    file = {"file": f"attachments/{step.pk}.pdf", "file_name": "a.pdf", "size": 1}
    attachment = Attachment.objects.create(step=step, uploaded_by=user, **file)
    return {Job: step.job, JobStep: step, WorkLog: log, Attachment: attachment}


@pytest.mark.parametrize("model", [Job, JobStep, WorkLog, Attachment], ids=lambda m: m.__name__)
def test_a_list_and_a_page_hold_only_what_one_may_see(client, clerk, model):
    process = make_process()
    permit(clerk, process, "can_view")
    seen, unseen = rows_of(process, clerk)[model], rows_of(make_process(), make_user())[model]
    client.force_login(clerk)
    name = f"admin:jobs_{model._meta.model_name}"

    assert set(client.get(reverse(f"{name}_changelist")).context["cl"].result_list) == {seen}
    assert client.get(reverse(f"{name}_change", args=[seen.pk])).status_code == 200
    assert client.get(reverse(f"{name}_change", args=[unseen.pk])).status_code == 302
