"""Rights to processes: each implies the one before, and changes take hold at once."""

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from apps.core.errors import InUse
from apps.processes import policies, services
from apps.processes.models import RoleProcessPermission
from tests.factories import make_job, make_process, permit

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "rights",
    [
        {"can_view": False, "can_execute": True},
        {"can_execute": False, "can_supervise": True},
    ],
)
def test_a_right_implies_the_one_before_it(operator, rights):
    with pytest.raises(DatabaseError), transaction.atomic():
        RoleProcessPermission.objects.create(role=operator.role, process=make_process(), **rights)


def test_a_new_process_has_no_rights_until_given_and_loses_them_when_taken(
    operator, manager, django_capture_on_commit_callbacks
):
    process = make_process()
    assert not policies.may_view(operator, process.pk)

    right = RoleProcessPermission(role=operator.role, process=process, can_execute=True)
    with django_capture_on_commit_callbacks(execute=True):
        services.save_right(right, actor=manager)
    assert policies.may_execute(operator, process.pk)
    assert not policies.may_supervise(operator, process.pk)

    with django_capture_on_commit_callbacks(execute=True):
        services.delete_right(right, actor=manager)
    assert not policies.may_view(operator, process.pk)


def test_a_manager_supervises_every_process(manager):
    assert policies.may_supervise(manager, make_process().pk)


def test_the_page_of_a_process_nobody_may_work_says_so(client, manager):
    client.force_login(manager)
    process = make_process()
    page = client.get(reverse("admin:processes_process_change", args=[process.pk]))
    assert "No role may see or execute this process yet" in page.content.decode()


def test_the_office_gives_a_right(client, manager, operator):
    client.force_login(manager)
    process = make_process()
    answer = client.post(
        reverse("admin:processes_process_change", args=[process.pk]),
        {
            "code": process.code,
            "name": process.name,
            "is_active": "on",
            "seen_version": process.version,
            "role_permissions-TOTAL_FORMS": "1",
            "role_permissions-INITIAL_FORMS": "0",
            "role_permissions-0-role": operator.role_id,
            "role_permissions-0-can_view": "on",
            "role_permissions-0-can_execute": "on",
            "role_permissions-0-process": process.pk,
        },
    )
    assert answer.status_code == 302, answer.context["errors"]
    assert RoleProcessPermission.objects.get().can_execute


def test_a_process_goes_with_its_rights_unless_a_step_uses_it(manager, operator):
    process = make_process()
    permit(operator, process)
    services.delete_process(process, actor=manager)
    assert not RoleProcessPermission.objects.exists()

    used = make_job().steps.get().process
    with pytest.raises(InUse):
        services.delete_process(used, actor=manager)
