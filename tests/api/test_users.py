"""Users and roles through the API."""

import pytest
from django.contrib.auth.hashers import check_password

from apps.accounts import pins
from apps.accounts.models import Role, User
from tests.api.resources import make_role, user_body
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def administering(program):
    return program("administrator")


def detail(answer):
    (fault,) = answer.json()["errors"]
    return fault["pointer"], fault["detail"]


def test_a_user_signs_in_with_what_was_set(administering, client):
    sent = user_body()
    made = administering.post("users/", sent)
    user = User.objects.get(pk=made.json()["id"])

    assert pins.is_right(sent["pin"], user.pin)
    assert client.login(username=sent["username"], password=sent["password"])
    told = administering.get(f"users/{user.pk}/").content.decode()
    assert not [each for each in (user.password, user.pin, sent["password"]) if each in told]


def test_a_user_without_a_password_has_none(administering):
    sent = {name: value for name, value in user_body().items() if name != "password"}

    made = administering.post("users/", sent)

    assert not User.objects.get(pk=made.json()["id"]).has_usable_password()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("password", "password", "This password is too common."),
        ("password", "short", "too short"),
        ("password", "1029384756", "entirely numeric"),
        ("pin", "123", "4 to 8 digits"),
        ("pin", "١٢٣٤", "4 to 8 digits"),
        ("pin", "123456789", "no more than 8"),
    ],
)
def test_a_weak_secret_is_refused_and_nobody_is_made(administering, name, value, said):
    before = User.objects.count()

    answer = administering.post("users/", user_body() | {name: value})

    pointer, words = detail(answer)
    assert (answer.status_code, pointer) == (400, f"#/{name}")
    assert said in words
    assert User.objects.count() == before


def test_a_password_like_the_name_is_refused(administering):
    user = make_user(username="margareta")

    answer = administering.patch(f"users/{user.pk}/", {"password": "margareta1"}, If_Match="*")

    assert detail(answer)[0] == "#/password"
    assert check_password(PASSWORD, User.objects.get(pk=user.pk).password)


def test_secrets_are_changed_and_a_pin_taken_away(administering):
    user = make_user()
    path = f"users/{user.pk}/"

    administering.patch(path, {"pin": "4711", "password": "staple battery horse"}, If_Match="*")
    user.refresh_from_db()
    assert pins.is_right("4711", user.pin)
    assert user.check_password("staple battery horse")

    administering.patch(path, {"pin": ""}, If_Match="*")
    user.refresh_from_db()
    assert user.pin == ""


def test_names_are_kept_in_one_form(administering):
    sent = user_body() | {"username": "\ufb01ona", "email": "Fiona@EXAMPLE.com", "badge_code": ""}

    told = administering.post("users/", sent).json()

    assert (told["username"], told["email"]) == ("fiona", "Fiona@example.com")
    assert told["badge_code"] is None


@pytest.mark.parametrize("name", ["username", "email", "badge_code"])
def test_what_another_user_has_is_refused_with_its_field(administering, name):
    sent = user_body()
    administering.post("users/", sent)

    value = sent[name].upper() if name == "email" else sent[name]
    answer = administering.post("users/", user_body() | {name: value})

    assert answer.status_code == 400
    assert detail(answer)[0] == f"#/{name}"


def test_one_finds_oneself_and_changes_nothing(program):
    operating = program("operator")
    path = f"users/{operating.user.pk}/"

    assert operating.get(path).json()["username"] == operating.user.username
    assert operating.patch(path, {"full_name": "Boss"}, If_Match="*").status_code == 403
    assert operating.get(f"users/{make_user().pk}/").status_code == 404


def test_the_last_administrator_stays(administering):
    path = f"users/{administering.user.pk}/"
    operator = Role.objects.get(code="operator").pk

    refused = [
        administering.patch(path, {"is_active": False}, If_Match="*"),
        administering.patch(path, {"role": operator}, If_Match="*"),
        administering.delete(path, If_Match="*"),
    ]

    assert [each.json()["code"] for each in refused] == ["last_administrator"] * 3
    make_user("administrator")
    assert administering.patch(path, {"role": operator}, If_Match="*").status_code == 200


def test_a_role_tells_its_permissions_sorted(administering):
    role = make_role()
    path = f"roles/{role.pk}/"
    wanted = ["jobs.view_job", "customers.view_customer", "jobs.view_job", "jobs.add_helpcall"]
    seen = administering.version(path)

    changed = administering.patch(path, {"permissions": wanted}, If_Match=seen)
    stale = administering.patch(path, {"permissions": []}, If_Match=seen)

    assert changed.json()["permissions"] == sorted(set(wanted))
    assert stale.status_code == 412


def test_a_rights_change_counts_at_once(administering, program, django_capture_on_commit_callbacks):
    role = make_role()
    user = make_user()
    user.role = role
    user.save()
    asking = program(user)
    assert asking.get("customers/").status_code == 403

    with django_capture_on_commit_callbacks(execute=True):
        administering.patch(
            f"roles/{role.pk}/", {"permissions": ["customers.view_customer"]}, If_Match="*"
        )

    assert asking.get("customers/").status_code == 200


def test_each_unknown_permission_is_named(administering):
    sent = ["jobs.view_job", "jobs.fly_job", "auth.add_group", "nothing", ""]

    answer = administering.post("roles/", {"name": "Pilot", "permissions": sent})

    assert answer.status_code == 400
    found = {each["pointer"] for each in answer.json()["errors"]}
    assert found == {"#/permissions/4"}  # An empty text is no name at all.
    answer = administering.post("roles/", {"name": "Pilot", "permissions": sent[:4]})
    found = {each["pointer"]: each["detail"] for each in answer.json()["errors"]}
    assert set(found) == {f"#/permissions/{place}" for place in (1, 2, 3)}
    assert "jobs.fly_job" in found["#/permissions/1"]


def test_a_roles_code_is_made_of_its_name_and_stays(administering):
    made = administering.post("roles/", {"name": "Laser operator"}).json()
    foreign = administering.post("roles/", {"name": "Лазер"}).json()
    given = administering.post("roles/", {"name": "Laser 2", "code": "laser-2"}).json()

    assert (made["code"], given["code"]) == ("laser-operator", "laser-2")
    assert foreign["code"].startswith("role-")
    renamed = administering.patch(f"roles/{made['id']}/", {"code": "x"}, If_Match="*")
    assert detail(renamed)[0] == "#/code"
    alike = administering.post("roles/", {"name": "Laser-Operator"})
    assert (alike.status_code, detail(alike)[0]) == (400, "#/name")
    taken = administering.post("roles/", {"name": "Another", "code": "laser-2"})
    assert (taken.status_code, detail(taken)[0]) == (400, "#/code")
