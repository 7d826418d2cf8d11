"""One command from an empty database to a shop that can begin; run again, it changes nothing."""

import sys
from io import StringIO

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import override_settings

from apps.accounts.models import Role, User
from apps.accounts.roles import ADMINISTRATOR, STARTING_ROLES
from apps.customers.models import Customer
from apps.installation import services
from apps.installation.management.commands.set_up import PASSWORD_VARIABLE
from apps.machines.models import Reason
from apps.shop.models import Shop
from tests.factories import make_user

PASSWORD = "seven green lathes"  # noqa: S105 - of this test

pytestmark = pytest.mark.django_db


@pytest.fixture
def password(monkeypatch):
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)


@pytest.fixture
def terminal(monkeypatch):
    """Someone at a terminal who types the given answers."""

    def run(name: str, email: str, *passwords: str) -> None:
        lines, words = iter((name, email)), iter(passwords)
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr("builtins.input", lambda _: next(lines))
        monkeypatch.setattr(
            "apps.installation.management.commands.set_up.getpass", lambda _: next(words)
        )

    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    return run


def empty_roles() -> None:
    Role.objects.all().delete()
    Group.objects.all().delete()


def set_up(*arguments: str) -> str:
    said = StringIO()
    call_command("set_up", *arguments, stdout=said, stderr=said)
    return said.getvalue()


@pytest.mark.django_db(transaction=True)  # It migrates, as the owner: on another connection.
def test_an_empty_shop_gets_roles_reasons_settings_and_its_administrator(password):
    empty_roles()
    Reason.objects.all().delete()
    Shop.objects.all().delete()
    said = set_up("--admin-username", "maria", "--admin-email", "maria@works.example")
    assert "settings: made Administrator, Manager" in said
    assert "Administrator: made maria" in said
    assert Role.objects.count() == len(STARTING_ROLES)
    assert Reason.objects.count() == 2
    assert not Shop.objects.get().is_demo
    maria = authenticate(username="maria", password=PASSWORD)
    assert isinstance(maria, User)
    assert maria.is_superuser
    assert maria.email == "maria@works.example"


def test_a_second_run_changes_nothing(password):
    set_up("--admin-username", "maria")
    said = set_up("--admin-username", "someone-else")
    assert "up to date" in said
    assert "in place" in said
    assert "there is one" in said
    assert User.objects.get().username == "maria"


def test_a_ready_database_costs_few_queries(password, django_assert_max_num_queries):
    set_up("--admin-username", "maria")
    with django_assert_max_num_queries(17):
        set_up()


def test_without_a_terminal_what_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(sys, "stdin", StringIO())
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    with pytest.raises(CommandError, match=f"--admin-username NAME.*{PASSWORD_VARIABLE}"):
        set_up()
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("name", "email", "given", "complaint"),
    [
        ("maria", "", "andon", "password: This password is too short"),
        ("maria", "", "password1234", "too common"),
        ("mar ia", "no address", PASSWORD, "(?s)username: .*email: "),
        ("mariamaria", "", "mariamaria", "too similar"),
    ],
)
def test_a_bad_name_address_or_password_is_refused_with_the_reason(
    monkeypatch, name, email, given, complaint
):
    monkeypatch.setenv(PASSWORD_VARIABLE, given)
    with pytest.raises(CommandError, match=complaint):
        set_up("--admin-username", name, "--admin-email", email)
    assert not User.objects.exists()


def test_a_name_that_someone_has_is_refused(password):
    make_user("planner", username="maria")
    with pytest.raises(CommandError, match="Another user has this sign-in name"):
        set_up("--admin-username", "Maria")


def test_an_inactive_administrator_is_none(password):
    make_user(ADMINISTRATOR, is_active=False)
    assert "made maria" in set_up("--admin-username", "maria")


def test_at_a_terminal_what_is_missing_is_asked_for_until_it_is_right(terminal, capsys):
    terminal("maria", "", "short", "short", PASSWORD, "a slip", PASSWORD, PASSWORD)
    said = set_up()
    assert "too short" in said
    assert "not the same" in capsys.readouterr().err
    assert authenticate(username="maria", password=PASSWORD)


@pytest.mark.slow
def test_with_demo_an_empty_shop_is_filled_and_a_second_run_leaves_it(monkeypatch):
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    assert "Demo: loaded" in set_up("--demo")
    assert Customer.objects.count() == 200
    assert "The demo is loaded already" in set_up("--demo")
    assert Customer.objects.count() == 200


def test_with_demo_a_kept_shop_is_left_alone():
    make_user("planner")
    assert "There are users already" in set_up("--demo")
    assert not Shop.objects.get().is_demo


def test_in_production_the_demo_is_refused_before_anything_is_done():
    empty_roles()
    with override_settings():
        del settings.ANDON_ALLOWS_DEMO
        with pytest.raises(CommandError, match="production"):
            set_up("--demo")
    assert not Role.objects.exists()


def test_in_production_a_database_with_the_demo_is_refused(password):
    Shop.objects.update(is_demo=True)
    with override_settings():
        del settings.ANDON_ALLOWS_DEMO
        with pytest.raises(CommandError, match=r"andon\.E001"):
            set_up("--admin-username", "maria")
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_starting_role_that_the_shop_deleted_stays_away():
    role = Role.objects.get(code="viewer")
    role.delete()

    assert services.seed() == []
    assert not Role.objects.filter(code="viewer").exists()
