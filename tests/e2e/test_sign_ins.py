"""Locked sign-ins and API tokens in a browser: told in words, unlocked, made, revoked."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from apps.accounts.models import ApiToken
from apps.accounts.models.api_tokens import digest
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.browser


def try_in_vain(watched, user, times):
    for _ in range(times):
        watched.page.get_by_label("Username").fill(user.username)
        watched.page.get_by_label("Password").fill("wrong")
        watched.press("Sign in")
        expect(watched.page.get_by_role("alert")).to_be_visible()


def test_who_is_locked_out_is_told_and_let_in_by_an_administrator(watched):
    user, administrator = make_user("viewer", full_name="Ayşe Kaya"), make_user("administrator")
    watched.open("/login/")
    try_in_vain(watched, user, 6)

    expect(watched.page.get_by_role("alert")).to_contain_text("Try again in 15 minutes")
    expect(watched.page.get_by_label("Username")).to_have_value(user.username)
    watched.assert_fits()
    watched.shoot("sign-in-locked")
    (refused,) = watched.complaints  # A browser says so of every 429.
    assert "429" in refused
    watched.complaints.clear()

    watched.sign_in(administrator)
    watched.open(reverse("admin:accounts_signinattempts_changelist"))
    expect(watched.page.locator("#result_list tbody tr")).to_contain_text(user.username)
    watched.shoot("locked-sign-ins")
    watched.page.locator("#result_list tbody input").check()
    watched.page.get_by_label("Action:").first.select_option("unlock")
    watched.press("Go")
    expect(watched.page.locator(".messagelist")).to_contain_text("1 unlocked.")

    watched.sign_in(user)


def test_a_token_is_shown_once_and_revoked(watched):
    machine = make_user("viewer", full_name="Gateway 7")
    watched.sign_in(make_user("administrator"))
    watched.open(reverse("admin:accounts_apitoken_add"))
    watched.page.locator(".field-user .select2-selection").click()
    watched.page.locator(".select2-search__field").fill("Gateway")
    watched.page.locator(".select2-results__option", has_text="Gateway 7").click()
    watched.page.get_by_label("Name:").fill("Gateway in hall 2")
    watched.shoot("api-token-add")
    watched.press("Save", exact=True)

    shown = watched.page.get_by_label("Token:")
    expect(shown).to_have_value(re.compile(r"andon_[A-Za-z0-9_-]{43}"))
    watched.assert_fits()
    watched.shoot("api-token-made")
    token = ApiToken.objects.get(digest=digest(shown.input_value()))
    assert (token.user, token.scopes) == (machine, ["read"])

    watched.follow("I have copied it")
    watched.shoot("api-tokens")
    watched.page.locator("#result_list tbody input").check()
    watched.page.get_by_label("Action:").first.select_option("revoke")
    watched.press("Go")
    expect(watched.page.locator("#result_list tbody tr")).to_contain_text("Revoked")


def test_a_programs_session_is_ended_in_the_office(watched):
    user = make_user("viewer", full_name="Ayşe Kaya")
    program = watched.page.context.request
    pair = program.post(
        f"{watched.base}/api/v1/auth/token/",
        data={"username": user.username, "password": PASSWORD},
        headers={"User-Agent": "ERP link 2.1"},
    ).json()
    watched.sign_in(make_user("administrator"))
    watched.open(reverse("admin:accounts_apisession_changelist"))
    expect(watched.page.locator("#result_list tbody tr")).to_contain_text("ERP link 2.1")
    watched.shoot("api-sessions")

    watched.page.locator("#result_list tbody input").check()
    watched.page.get_by_label("Action:").first.select_option("sign_out")
    watched.press("Go")

    expect(watched.page.locator("#result_list tbody tr")).to_contain_text(
        "Signed out in the office"
    )
    bearer = {"Authorization": f"Bearer {pair['access']}"}
    assert program.get(f"{watched.base}/api/v1/auth/me/", headers=bearer).status == 401
