"""Users have one role, and every right comes from it."""

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.urls import reverse

from apps.accounts import pins, services
from apps.accounts.errors import LastAdministrator
from apps.accounts.models import Role, User
from apps.accounts.roles import STARTING_ROLES
from apps.core.errors import InUse, NotPermitted
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def test_the_starting_roles_are_there_with_their_rights():
    assert set(Role.objects.values_list("code", flat=True)) == {r.code for r in STARTING_ROLES}
    for start in STARTING_ROLES:
        user = make_user(start.code)
        assert all(user.has_perm(permission) for permission in start.permissions)


def test_seeding_again_leaves_what_the_shop_changed():
    role = Role.objects.get(code="viewer")
    role.group.permissions.clear()
    assert services.seed_roles() == []
    assert not role.group.permissions.exists()


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        ("manager", "jobs.cancel_job", "accounts.change_user"),
        ("planner", "jobs.release_job", "machines.change_machine"),
        ("supervisor", "jobs.view_job", "jobs.release_job"),
        ("operator", "machines.add_machinedowntime", "jobs.view_job"),
        ("viewer", "jobs.view_job", "jobs.change_job"),
    ],
)
def test_each_role_may_its_own(role, may, may_not):
    user = make_user(role)
    assert user.has_perm(may)
    assert not user.has_perm(may_not)


def test_an_administrator_may_everything_and_enters_the_office(administrator):
    assert administrator.has_perm("accounts.delete_role")
    assert (administrator.is_staff, administrator.is_superuser) == (True, True)
    assert not make_user("operator").is_staff


def test_a_changed_role_takes_hold_at_once(
    administrator, viewer, django_capture_on_commit_callbacks
):
    assert not viewer.has_perm("jobs.cancel_job")
    cancel = Permission.objects.get(codename="cancel_job")
    with django_capture_on_commit_callbacks(execute=True):
        services.save_role(viewer.role, actor=administrator, permissions=[cancel], fields=["name"])

    fresh = User.objects.with_labels().get(pk=viewer.pk)
    assert fresh.has_perm("jobs.cancel_job")
    assert not fresh.has_perm("jobs.view_job")


def test_an_inactive_user_has_no_rights_and_no_session(client, manager):
    client.force_login(manager)
    User.objects.filter(pk=manager.pk).update(is_active=False)
    assert client.get(reverse("admin:index")).status_code == 302
    manager.is_active = False
    assert not manager.has_perm("jobs.view_job")


@pytest.mark.parametrize("column", ["email", "username"])
def test_names_and_mails_are_unique_whatever_their_case(column):
    make_user(**{column: "Ayse@example.com"})
    with pytest.raises(DatabaseError), transaction.atomic():
        make_user(**{column: "AYSE@example.com"})


def test_many_users_may_have_no_mail():
    make_user(email=None)
    make_user(email=None)


def test_the_last_administrator_stays(administrator):
    administrator.role = Role.objects.get(code="viewer")
    with pytest.raises(LastAdministrator):
        services.save_user(
            administrator, actor=User.objects.get(pk=administrator.pk), fields=["role"]
        )

    make_user("administrator")
    services.save_user(administrator, actor=make_user("administrator"), fields=["role"])
    assert User.objects.get(pk=administrator.pk).role.code == "viewer"


def test_only_administrators_write_users(manager):
    with pytest.raises(NotPermitted):
        services.save_user(make_user(), actor=manager, fields=["phone"])


def test_a_role_in_use_is_not_deleted_and_another_goes_with_its_group(administrator):
    with pytest.raises(InUse), transaction.atomic():
        services.delete_role(make_user("viewer").role, actor=administrator)

    role = Role(name="Laser operator")
    services.save_role(role, actor=administrator)
    group = role.group
    services.delete_role(role, actor=administrator)
    assert not type(group).objects.filter(pk=group.pk).exists()


def test_createsuperuser_makes_an_administrator(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command(
        "createsuperuser", "--noinput", username="root", email="root@example.com", verbosity=0
    )
    root = User.objects.get(username="root")
    assert root.is_superuser
    assert root.check_password(PASSWORD)


def test_the_office_makes_a_user_sets_a_pin_and_a_password(client, administrator):
    client.force_login(administrator)
    role = Role.objects.get(code="operator")
    data = {"username": "ayse", "full_name": "Ayşe Demir", "role": role.pk, "new_pin": "4711"}
    answer = client.post(reverse("admin:accounts_user_add"), data)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    user = User.objects.get(username="ayse")
    assert not user.has_usable_password()
    assert pins.is_right("4711", user.pin)
    assert (user.email, user.badge_code) == (None, None)

    client.post(
        reverse("admin:auth_user_password_change", args=[user.pk]),
        {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"},
    )
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_the_office_gives_a_role_its_permissions(client, administrator):
    client.force_login(administrator)
    release = Permission.objects.get(codename="release_job")
    answer = client.post(
        reverse("admin:accounts_role_add"),
        {"name": "Lead", "home": "board", "has_office_access": "on", "permissions": [release.pk]},
    )
    assert answer.status_code == 302
    role = Role.objects.get(name="Lead")
    assert (role.code, list(role.group.permissions.all())) == ("lead", [release])
