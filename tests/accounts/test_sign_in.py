"""Signing in and out, one's own password, and landing where one's role works."""

import re
from urllib.parse import unquote

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD, make_process, make_user, permit

pytestmark = pytest.mark.django_db
NEW = "an entirely new phrase"


def sign_in(client, user, **more):
    return client.post(
        reverse("login"), {"username": user.username, "password": PASSWORD, **more}, follow=True
    )


def is_signed_in(client) -> bool:
    return "_auth_user_id" in client.session


@pytest.mark.parametrize(
    ("role", "home"),
    [
        ("administrator", "/admin/"),
        ("manager", "/"),
        ("planner", "/admin/"),
        ("supervisor", "/floor/"),
        ("operator", "/tasks/"),
        ("viewer", "/"),
    ],
)
def test_each_role_lands_on_its_own_home(client, role, home):
    user = make_user(role)
    permit(user, make_process(), "can_supervise" if role == "supervisor" else "can_execute")

    response = sign_in(client, user)

    assert response.redirect_chain[-1][0] == home
    assert response.status_code == 200


def test_one_lands_where_one_wanted_to_go(client, operator):
    response = sign_in(client, operator, next="/password/")

    assert response.redirect_chain[-1][0] == "/password/"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:x"])
def test_nobody_is_led_elsewhere(client, operator, elsewhere):
    response = sign_in(client, operator, next=elsewhere)

    assert response.redirect_chain[-1][0] == "/tasks/"


def test_a_wrong_password_is_told_and_the_name_kept(client, operator):
    response = client.post(reverse("login"), {"username": operator.username, "password": "no"})

    page = response.content.decode()
    assert not is_signed_in(client)
    assert 'role="alert"' in page
    assert f'value="{operator.username}"' in page


def test_who_has_left_does_not_come_in(client):
    sign_in(client, make_user("operator", is_active=False))

    assert not is_signed_in(client)


@pytest.mark.parametrize("text", ["", "x" * 65_536, "İ𝔘 ß", "' OR 1=1 --", "<b>"])
def test_no_name_and_no_password_breaks_the_sign_in(client, text):
    for fields in ({"username": text, "password": "x"}, {"username": "x", "password": text}):
        response = client.post(reverse("login"), fields)

        assert response.status_code == 200
        assert not is_signed_in(client)


def test_signing_out_is_a_form_not_a_link(client, operator):
    client.force_login(operator)

    assert client.get(reverse("logout")).status_code == 405
    assert is_signed_in(client)
    assert client.post(reverse("logout")).url == reverse("login")
    assert not is_signed_in(client)


def test_a_form_that_was_open_too_long_is_explained(operator):
    client = Client(enforce_csrf_checks=True)

    response = sign_in(client, operator)

    assert response.status_code == 403
    assert "The page was open too long" in response.content.decode()


def test_the_signed_in_are_not_asked_again(client, operator):
    client.force_login(operator)

    assert client.get(reverse("login")).url == reverse("landing")


def test_a_password_is_changed_and_one_stays_signed_in(client, operator):
    client.force_login(operator)
    fields = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}

    response = client.post(reverse("password"), fields, follow=True)

    operator.refresh_from_db()
    assert operator.check_password(NEW)
    assert is_signed_in(client)
    assert "Your password is changed" in response.content.decode()


def test_a_weak_password_is_refused_beside_its_field(client, operator):
    client.force_login(operator)
    fields = {"old_password": PASSWORD, "new_password1": "12345", "new_password2": "12345"}

    response = client.post(reverse("password"), fields)

    operator.refresh_from_db()
    assert operator.check_password(PASSWORD)
    assert 'id="id_new_password2_error"' in response.content.decode()


def test_a_forgotten_password_is_set_by_a_link_in_a_mail_once(client):
    user = make_user("operator", email="ayse@shop.example", full_name="Ayşe Kaya")
    client.post(reverse("password-forgot"), {"email": "Ayse@shop.example"})
    (sent,) = mail.outbox
    assert sent.subject == "A new password for Andon"
    assert "Hello Ayşe Kaya" in sent.body
    link = re.search(r"http://testserver(/\S+)", sent.body).group(1)

    form = client.get(link, follow=True)
    done = client.post(
        form.redirect_chain[-1][0], {"new_password1": NEW, "new_password2": NEW}, follow=True
    )

    user.refresh_from_db()
    assert user.check_password(NEW)
    assert "Your password is set. Sign in with it." in done.content.decode()
    assert "This link no longer holds" in Client().get(link, follow=True).content.decode()


def test_an_unknown_address_is_answered_alike_and_gets_no_mail(client):
    response = client.post(
        reverse("password-forgot"), {"email": "nobody@shop.example"}, follow=True
    )

    assert "Look at your mail" in response.content.decode()
    assert mail.outbox == []


@pytest.mark.parametrize("page", ["/", "/tasks/", "/password/", "/landing/", "/admin/"])
def test_every_page_behind_the_sign_in_leads_to_it_and_back(client, page):
    response = client.get(page, follow=True)

    assert unquote(response.redirect_chain[-1][0]) == f"/login/?next={page}"


@pytest.mark.parametrize("page", ["/login/", "/password/forgot/", "/nowhere/"])
def test_pages_carry_a_strict_policy(client, page):
    policy = client.get(page).headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_who_signed_in_before_the_key_was_changed_goes_on(client, operator, settings):
    client.force_login(operator)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "x" * 64

    assert client.get("/tasks/").status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert client.get("/tasks/").status_code == 200  # Signed anew the first time.
