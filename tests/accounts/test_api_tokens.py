"""Machines sign in with keys: made once, kept as digests, for so much and so long."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.accounts import services
from apps.accounts.models import ApiToken, User
from apps.accounts.models.api_tokens import digest
from apps.audit.models import AuditLog
from apps.core.errors import Invalid, NotPermitted
from apps.observability.silk import should_record
from config.components.instruments import instruments
from tests.factories import make_user

pytestmark = pytest.mark.django_db
ME = "/api/v1/auth/me/"
LIST = "admin:accounts_apitoken_changelist"


@pytest.fixture
def machine():
    return make_user("viewer", username="gateway")


@pytest.fixture
def make(administrator, machine):
    def run(*scopes, **fields):
        given = {"user": machine, "name": "Gateway", "expires_at": tomorrow()} | fields
        return services.make_api_token(actor=administrator, scopes=scopes or ("read",), **given)

    return run


def tomorrow():
    return timezone.now() + timedelta(days=1)


def ask(client, plain, method="get", page=ME):
    sent = {} if method == "get" else {"content_type": "application/json"}
    return getattr(client, method)(page, headers={"Authorization": f"Bearer {plain}"}, **sent)


def test_a_token_acts_as_its_user(client, make, machine):
    _, plain = make("read", "work")

    me = ask(client, plain).json()

    assert (me["id"], me["scopes"]) == (machine.pk, ["read", "work"])
    assert re.fullmatch(r"andon_[A-Za-z0-9_-]{43}", plain)


def test_only_the_digest_of_a_token_is_kept(make):
    token, plain = make()

    secret = plain.removeprefix(token.prefix)
    kept = ApiToken.objects.values().get()
    trail = str([row.changes for row in AuditLog.objects.filter(table="api_tokens")])
    assert kept["digest"] == digest(plain)
    assert token.prefix == plain[:10]
    assert secret not in str(kept)
    assert secret not in trail
    assert kept["digest"] not in trail


@pytest.mark.parametrize(
    "fields",
    [
        {"expires_at": timezone.now() - timedelta(seconds=1)},
        {"revoked_at": timezone.now() - timedelta(seconds=1)},
        {"digest": "0" * 64},
    ],
    ids=["expired", "revoked", "another"],
)
def test_a_token_that_counts_no_more_is_refused(client, make, fields):
    token, plain = make()
    assert ask(client, plain).status_code == 200
    ApiToken.objects.filter(pk=token.pk).update(**fields)

    answer = ask(client, plain)

    assert (answer.status_code, answer.json()["code"]) == (401, "bad_token")


def test_a_token_of_someone_who_left_is_refused(client, make, machine):
    _, plain = make()
    User.objects.filter(pk=machine.pk).update(is_active=False)

    assert ask(client, plain).status_code == 401


def test_a_new_password_leaves_a_machine_at_work(client, make, machine):
    _, plain = make()
    machine.set_password("an entirely new phrase")
    machine.save(update_fields=["password"])

    assert ask(client, plain).status_code == 200


def test_a_token_has_no_session_to_sign_out_of(client, make):
    _, plain = make("read", "work", "write")

    answer = ask(client, plain, "post", reverse("api-logout"))

    assert (answer.status_code, answer.json()["code"]) == (409, "token_stays")


def test_its_use_is_noted_once_a_minute(client, make):
    token, plain = make()

    def updates():
        with CaptureQueriesContext(connection) as queries:
            assert ask(client, plain).status_code == 200
        return sum("UPDATE" in query["sql"] for query in queries)

    assert [updates(), updates(), updates()] == [1, 0, 0]
    ApiToken.objects.update(last_used_at=timezone.now() - timedelta(seconds=61))
    assert [updates(), updates()] == [1, 0]
    token.refresh_from_db()
    assert timezone.now() - token.last_used_at < timedelta(seconds=5)
    assert token.version == 1
    assert AuditLog.objects.filter(table="api_tokens").count() == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"scopes": ()}, "scopes"),
        ({"scopes": ("read", "everything")}, "scopes"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "expires_at"),
    ],
)
def test_a_token_of_no_sense_is_not_made(administrator, machine, fields, field):
    given = {"user": machine, "name": "x", "scopes": ("read",), "expires_at": tomorrow()} | fields

    with pytest.raises(Invalid) as refusal:
        services.make_api_token(actor=administrator, **given)

    assert refusal.value.field == field
    assert not ApiToken.objects.exists()


def test_a_token_for_someone_who_left_is_not_made(administrator):
    with pytest.raises(Invalid):
        services.make_api_token(
            user=make_user(is_active=False),
            name="x",
            scopes=("read",),
            expires_at=tomorrow(),
            actor=administrator,
        )


def test_only_administrators_make_tokens(manager, machine):
    with pytest.raises(NotPermitted):
        services.make_api_token(
            user=machine, name="x", scopes=("read",), expires_at=tomorrow(), actor=manager
        )


# The office.


def typed(machine, **fields):
    until = timezone.localtime(tomorrow())
    given = {
        "user": machine.pk,
        "name": "Gateway",
        "scopes": ["read"],
        "expires_at_0": f"{until:%Y-%m-%d}",
        "expires_at_1": f"{until:%H:%M:%S}",
    }
    return given | fields


def test_the_office_shows_a_new_token_once(client, administrator, machine):
    client.force_login(administrator)

    answer = client.post(reverse("admin:accounts_apitoken_add"), typed(machine))

    plain = re.search(r"andon_[A-Za-z0-9_-]{43}", answer.content.decode())[0]
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    token = ApiToken.objects.get(digest=digest(plain))
    assert (token.user, token.created_by, token.scopes) == (machine, administrator, ["read"])
    assert ask(type(client)(), plain).status_code == 200
    for page in (LIST, "admin:accounts_apitoken_change", "admin:accounts_apitoken_history"):
        again = client.get(reverse(page, args=[] if page == LIST else [token.pk]))
        assert again.status_code == 200
        assert token.prefix in again.content.decode() or "history" in page
        assert plain.removeprefix(token.prefix) not in again.content.decode()
        assert token.digest not in again.content.decode()


def test_the_office_says_what_is_wrong_beside_the_field(client, administrator, machine):
    client.force_login(administrator)
    yesterday = f"{timezone.now() - timedelta(days=1):%Y-%m-%d}"

    answer = client.post(
        reverse("admin:accounts_apitoken_add"), typed(machine, expires_at_0=yesterday)
    )

    form = answer.context["adminform"].form
    assert form.errors == {"expires_at": ["A token expires in the future."]}
    assert not ApiToken.objects.exists()


def test_the_office_revokes_a_token(client, administrator, make):
    token, plain = make()
    client.force_login(administrator)

    client.post(reverse(LIST), {"action": "revoke", "_selected_action": [token.pk]})

    assert ask(type(client)(), plain).status_code == 401
    assert "Revoked" in client.get(reverse(LIST)).content.decode()


@pytest.mark.parametrize("model", ["apitoken", "apisession", "signinattempts"])
def test_only_administrators_find_these_pages(client, manager, model):
    client.force_login(manager)

    assert client.get(reverse(f"admin:accounts_{model}_changelist")).status_code == 403


# Silk.


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/auth/token/",
        "/api/v1/auth/token/refresh/",
        "/admin/accounts/apitoken/add/",
    ],
)
def test_silk_records_no_answer_that_tells_a_token(rf, settings, path):
    for name, value in instruments(settings.ANDON, [], []).items():
        setattr(settings, name, value)
    settings.SILKY_INTERCEPT_PERCENT = 100

    assert should_record(rf.get(ME))
    assert not should_record(rf.post(path))


def test_a_list_of_tokens_costs_the_same_at_any_length(client, administrator, make, assert_flat):
    client.force_login(administrator)

    def grow(rows):
        for _ in range(rows):
            make(user=make_user())

    assert assert_flat(grow=grow, work=lambda: client.get(reverse(LIST))) <= 6
