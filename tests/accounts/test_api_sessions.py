"""Programs sign in with a name and a password, stay signed in, and are out when they should be."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from urllib.parse import urlencode

import jwt
import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import mail, signing
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.accounts import services, tokens
from apps.accounts.errors import BadToken
from apps.accounts.models import ApiSession, Role, User
from apps.accounts.states import Revocation
from apps.audit.models import AuditLog
from tests.factories import PASSWORD, make_process, make_user, permit, settle

pytestmark = pytest.mark.django_db
NEW = "an entirely new phrase"
ME = "/api/v1/auth/me/"
SECRET = "of a test, in a place that no-one knows"  # noqa: S105 - known here alone


def send(client, name, data=None, **headers):
    return client.post(reverse(name), data or {}, content_type="application/json", headers=headers)


def sign_in(client, user, password=PASSWORD):
    answer = send(client, "api-token", {"username": user.username, "password": password})
    assert answer.status_code == 200, answer.content
    return answer.json()


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def status(client, token):
    return client.get(ME, headers=bearer(token)).status_code


def refresh(client, token):
    return send(client, "api-token-refresh", {"refresh": token})


def later(session, **passed):
    """Let time pass for a session."""
    session.refresh_from_db()
    session.refreshed_at -= timedelta(**passed)
    session.save(update_fields=["refreshed_at"])


@pytest.fixture
def user():
    return make_user("operator", full_name="Ayşe Kaya", email="ayse@shop.example")


def test_a_program_signs_in_asks_who_it_is_and_signs_out(client, user):
    process = make_process()
    permit(user, process)
    pair = sign_in(client, user)

    answer = client.get(ME, headers=bearer(pair["access"]))
    me = answer.json()

    assert me.pop("permissions") == sorted(user.get_all_permissions())
    assert me == {
        "id": user.pk,
        "username": user.username,
        "full_name": "Ayşe Kaya",
        "email": "ayse@shop.example",
        "role": {"id": user.role_id, "name": "Operator", "code": "operator"},
        "is_staff": False,
        "processes": [
            {
                "process": {"id": process.pk, "name": process.name, "code": process.code},
                "can_view": True,
                "can_execute": True,
                "can_supervise": False,
            }
        ],
        "scopes": None,
    }
    assert send(client, "api-logout", **bearer(pair["access"])).status_code == 204
    assert status(client, pair["access"]) == 401
    assert refresh(client, pair["refresh"]).status_code == 401


def test_the_tokens_live_as_long_as_they_say(client, user):
    pair = sign_in(client, user)
    now = timezone.now()

    for name, lifetime in (("access", timedelta(minutes=10)), ("refresh", timedelta(days=14))):
        until = datetime.fromisoformat(pair[f"{name}_expires_at"])
        said = jwt.decode(pair[name], options={"verify_signature": False})
        assert abs(until - now - lifetime) < timedelta(seconds=5)
        assert said["exp"] == int(until.timestamp())


@pytest.mark.parametrize("name", ["api-token", "api-token-refresh"])
def test_no_cache_keeps_an_answer_with_tokens_nor_a_refusal(client, user, name):
    given = sign_in(client, user)
    body = {
        "api-token": {"username": user.username, "password": PASSWORD},
        "api-token-refresh": {"refresh": given["refresh"]},
    }[name]

    for answer, expected in ((send(client, name, body), 200), (send(client, name, {}), 400)):
        assert answer.status_code == expected
        assert answer["Cache-Control"] == "no-store"


def test_a_wrong_password_an_unknown_name_and_one_who_left_are_told_the_same(client, user):
    gone = make_user(is_active=False)
    said = {
        (
            answer.status_code,
            answer.json()["code"],
            answer.json()["detail"],
            answer["WWW-Authenticate"],
        )
        for answer in (
            send(client, "api-token", {"username": user.username, "password": "wrong"}),
            send(client, "api-token", {"username": "nobody", "password": PASSWORD}),
            send(client, "api-token", {"username": gone.username, "password": PASSWORD}),
        )
    }

    assert {(code, name) for code, name, *_ in said} == {(401, "wrong_credentials")}
    assert len(said) == 1


def test_a_cookie_neither_helps_nor_hinders_signing_in(user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user())

    assert sign_in(client, user)["access"]


def asked_for(client, access):
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(ME, headers=bearer(access))
    tables = [re.search(r'FROM "(\w+)"', query["sql"])[1] for query in queries]
    return answer, tables


def test_who_is_signed_in_is_not_asked_again(client, user):
    access = sign_in(client, user)["access"]
    settle()
    asked_for(client, access)

    assert asked_for(client, access)[1] == ["role_process_permissions"]


@pytest.mark.parametrize("change", ["name", "role", "inactive", "password", "revoked", "role's"])
def test_whatever_changes_who_is_signed_in_counts_at_once(client, user, administrator, change):
    access = sign_in(client, user)["access"]
    settle()
    assert asked_for(client, access)[0].status_code == 200
    changes = {
        "name": {"full_name": "Another Name"},
        "role": {"role": Role.objects.get(code="manager")},
        "inactive": {"is_active": False},
    }
    if change in changes:
        for name, value in changes[change].items():
            setattr(user, name, value)
        services.save_user(user, actor=administrator)
    elif change == "password":
        services.set_password(user, "another horse battery", actor=administrator)
    elif change == "revoked":
        services.revoke_api_session(ApiSession.objects.get().pk, actor=administrator)
    else:
        user.role.name = "Renamed"
        services.save_role(user.role, actor=administrator)
    settle()

    answer = asked_for(client, access)[0]

    told = answer.json()
    assert answer.status_code == (401 if change in {"inactive", "password", "revoked"} else 200)
    if change == "name":
        assert told["full_name"] == "Another Name"
    if change == "role":
        assert told["role"]["name"] == "Manager"
    if change == "role's":
        assert told["role"]["name"] == "Renamed"


def test_a_page_is_not_open_to_who_was_signed_in_with_an_older_password(
    client, user, administrator
):
    client.force_login(user)
    settle()
    assert client.get("/password/").status_code == 200
    services.set_password(user, "another horse battery", actor=administrator)
    settle()
    assert client.get("/password/").status_code == 302


def test_no_hash_of_a_password_lies_in_the_cache(client, user):
    sign_in(client, user)
    client.force_login(user)
    settle()
    client.get(ME)
    keys = cache.keys("*")
    assert any("User" in key for key in keys)
    stored = repr([cache.get(key) for key in keys])
    user.refresh_from_db()
    assert user.password not in stored


# Refreshing.


def test_each_refresh_gives_a_new_pair(client, user):
    first = sign_in(client, user)
    second = refresh(client, first["refresh"]).json()
    third = refresh(client, second["refresh"]).json()

    assert len({first["refresh"], second["refresh"], third["refresh"]}) == 3
    assert status(client, third["access"]) == 200
    assert ApiSession.objects.get().generation == 3


def test_a_used_refresh_token_that_comes_again_ends_the_session_for_both(client, user):
    stolen = sign_in(client, user)
    mine = refresh(client, stolen["refresh"]).json()
    later(ApiSession.objects.get(), seconds=31)

    answer = refresh(client, stolen["refresh"])

    assert (answer.status_code, answer.json()["code"]) == (401, "bad_token")
    assert status(client, mine["access"]) == 401
    assert refresh(client, mine["refresh"]).status_code == 401
    assert ApiSession.objects.get().revoked_because == Revocation.REUSED


def test_an_older_refresh_token_is_reuse_however_soon_it_comes(client, user):
    first = sign_in(client, user)
    second = refresh(client, first["refresh"]).json()
    refresh(client, second["refresh"])

    assert refresh(client, first["refresh"]).status_code == 401
    assert ApiSession.objects.get().revoked_because == Revocation.REUSED


def test_a_lost_answer_can_be_asked_for_again_at_once(client, user):
    first = sign_in(client, user)
    refresh(client, first["refresh"])  # Its answer never arrives.

    again = refresh(client, first["refresh"]).json()

    assert ApiSession.objects.get().generation == 2
    assert refresh(client, again["refresh"]).status_code == 200


def test_a_thief_within_the_time_for_a_retry_is_noticed_at_the_next_refresh(client, user):
    stolen = sign_in(client, user)
    mine, theirs = (refresh(client, stolen["refresh"]).json() for _ in range(2))
    assert refresh(client, mine["refresh"]).status_code == 200
    later(ApiSession.objects.get(), minutes=9)

    assert refresh(client, theirs["refresh"]).status_code == 401
    assert ApiSession.objects.get().revoked_because == Revocation.REUSED


def test_a_session_unused_for_two_weeks_is_over(client, user):
    pair = sign_in(client, user)
    ApiSession.objects.update(expires_at=timezone.now())

    assert status(client, pair["access"]) == 401
    assert refresh(client, pair["refresh"]).status_code == 401


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_refreshes_of_one_token_at_once_turn_the_session_once(committed):
    user = make_user()
    pair = services.open_api_session(user, address="")
    barrier = Barrier(8)

    def run(_):
        barrier.wait(20)
        try:
            return services.refresh_api_session(pair.refresh)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        pairs = list(threads.map(run, range(8)))

    session = ApiSession.objects.get()
    assert (session.generation, session.revoked_at) == (2, None)
    assert {tokens.read("refresh", each.refresh).generation for each in pairs} == {2}


@pytest.mark.django_db(transaction=True)
def test_the_end_of_a_reused_session_is_kept_although_the_caller_is_refused(committed):
    pair = services.open_api_session(make_user(), address="")
    services.refresh_api_session(services.refresh_api_session(pair.refresh).refresh)

    with pytest.raises(BadToken):
        services.refresh_api_session(pair.refresh)

    assert ApiSession.objects.get().revoked_because == Revocation.REUSED


# Who may no longer come in.


def deactivate(user):
    administrator = make_user("administrator")
    user.is_active = False
    services.save_user(user, actor=administrator, fields=["is_active"])


def change_own_password(user):
    client = Client()
    client.force_login(user)
    fields = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert client.post(reverse("password"), fields).status_code == 302


def have_password_set_in_the_office(user):
    client = Client()
    client.force_login(make_user("administrator"))
    fields = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    page = reverse("admin:auth_user_password_change", args=[user.pk])
    assert client.post(page, fields).status_code == 302


def reset_password_by_mail(user):
    client = Client()
    client.post(reverse("password-forgot"), {"email": user.email})
    link = re.search(r"http://testserver(/\S+)", mail.outbox[0].body)[1]
    form = client.get(link, follow=True).redirect_chain[-1][0]
    assert client.post(form, {"new_password1": NEW, "new_password2": NEW}).status_code == 302


def revoke_in_the_office(user):
    client = Client()
    client.force_login(make_user("administrator"))
    rows = [session.pk for session in user.api_sessions.all()]
    page = reverse("admin:accounts_apisession_changelist")
    client.post(page, {"action": "sign_out", "_selected_action": rows})
    assert user.api_sessions.get().revoked_because == Revocation.OFFICE


@pytest.mark.parametrize(
    "end",
    [
        deactivate,
        change_own_password,
        have_password_set_in_the_office,
        reset_password_by_mail,
        revoke_in_the_office,
    ],
    ids=lambda end: end.__name__,
)
def test_both_tokens_are_refused_at_once_after(client, user, end):
    pair = sign_in(client, user)
    assert status(client, pair["access"]) == 200

    end(user)

    answer = client.get(ME, headers=bearer(pair["access"]))
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_token")
    assert refresh(client, pair["refresh"]).status_code == 401
    assert User.objects.get(pk=user.pk).api_sessions.get().generation == 1


def test_the_cookie_of_a_page_is_another_after_signing_in_and_none_after_signing_out(client, user):
    client.get(reverse("login"))
    session = client.session  # Given to a victim by somebody who knows it.
    session["planted"] = True
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted

    client.post(reverse("login"), {"username": user.username, "password": PASSWORD})
    signed_in = client.session.session_key

    assert signed_in != planted
    assert Client(headers={"Cookie": f"sessionid={planted}"}).get(ME).status_code == 401
    assert client.get(ME).status_code == 200
    client.post(reverse("logout"))
    assert Client(headers={"Cookie": f"sessionid={signed_in}"}).get(ME).status_code == 401


def test_a_cookie_is_refused_after_deactivation_and_after_a_new_password(user):
    other = make_user()
    clients = {who: Client() for who in (user, other)}
    for who, client in clients.items():
        client.force_login(who)
        assert client.get(ME).status_code == 200

    deactivate(user)
    change_own_password(other)

    assert {client.get(ME).status_code for client in clients.values()} == {401}


# Tokens that are none of ours.


def forged(kind="access", **changed):
    """A token as we would issue it, but for what is changed."""
    key = changed.pop("key", tokens._key(SECRET))
    algorithm = changed.pop("algorithm", "HS256")
    now = datetime.now(UTC)
    said = {
        "typ": kind,
        "sub": "1",
        "sid": 1,
        "gen": 1,
        "iat": now,
        "exp": now + timedelta(hours=1),
    }
    said = {name: value for name, value in (said | changed).items() if value is not None}
    return jwt.encode(said, key, algorithm=algorithm)


@pytest.fixture
def secret(settings):
    settings.SECRET_KEY = SECRET
    return settings.SECRET_KEY


BAD = {
    "unsigned": lambda: forged(key=None, algorithm="none"),
    "signed with another key": lambda: forged(key=b"k" * 32),
    "signed with the secret itself": lambda: forged(key=SECRET),
    "signed by another algorithm": lambda: forged(key=tokens._key(SECRET) * 2, algorithm="HS512"),
    "expired": lambda: forged(exp=datetime.now(UTC) - timedelta(seconds=6)),
    "of tomorrow": lambda: forged(iat=datetime.now(UTC) + timedelta(days=1)),
    "of the other kind": lambda: forged("refresh"),
    "of no kind": lambda: forged(typ=None),
    "without an end": lambda: forged(exp=None),
    "without a session": lambda: forged(sid=None),
    "without a user": lambda: forged(sub=None),
    "of a session that is not there": lambda: forged(sid=2**62),
    "tampered with": lambda: tampered(forged()),
    "another signed value of ours": lambda: signing.dumps({"sid": 1}),
    "no token": lambda: "x",
    "nested without end": lambda: f"{urlsafe_b64encode(b'[' * 9_000).decode()}.e30.x",
}


def tampered(token):
    head, body, signature = token.split(".")
    said = urlsafe_b64decode(body + "=" * (-len(body) % 4)).replace(b'"sid":1', b'"sid":2')
    return f"{head}.{urlsafe_b64encode(said).decode().rstrip('=')}.{signature}"


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_token_is_refused(client, secret, kind):
    answer = client.get(ME, headers=bearer(BAD[kind]()))

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="Andon"'
    assert answer["Content-Type"] == "application/problem+json"


def test_a_good_token_made_alike_is_taken(client, secret, user):
    services.open_api_session(user, address="")

    assert status(client, forged(sid=ApiSession.objects.get().pk)) == 200


def test_an_access_token_refreshes_nothing(client, user):
    pair = sign_in(client, user)

    assert refresh(client, pair["access"]).status_code == 401
    assert status(client, pair["refresh"]) == 401


def test_tokens_of_the_secret_before_hold_until_it_is_forgotten(client, user, settings):
    pair = sign_in(client, user)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a new one" * 6
    assert status(client, pair["access"]) == 200
    assert refresh(client, pair["refresh"]).status_code == 200

    settings.SECRET_KEY_FALLBACKS = []
    assert status(client, pair["access"]) == 401


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Token x", "Bearer é", "Bearer a b"]
)
def test_a_bad_header_is_refused_although_a_good_cookie_is_there(client, user, header):
    client.force_login(user)
    assert client.get(ME).status_code == 200

    answer = client.get(ME, headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="Andon"'


def test_nobody_is_told_to_sign_in(client):
    answer = client.get(ME)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="Andon"'
    assert isinstance(answer.wsgi_request.user, AnonymousUser)


def test_a_cookie_writes_only_with_its_csrf_token(user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    assert send(client, "api-logout").status_code == 403
    assert client.get(ME).status_code == 200

    client.get(reverse("password"))
    token = client.cookies["csrftoken"].value
    assert send(client, "api-logout", **{"X-CSRFToken": token}).status_code == 204
    assert client.get(ME).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"username": "x"},
        {"username": "", "password": "x"},
        {"username": "\x00", "password": "x"},
    ],
)
def test_what_is_missing_or_wrong_is_named(client, body):
    answer = send(client, "api-token", body)

    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_a_form_is_no_way_to_sign_in(client, user):
    fields = urlencode({"username": user.username, "password": PASSWORD})

    answer = client.post(
        reverse("api-token"), fields, content_type="application/x-www-form-urlencoded"
    )

    assert answer.status_code == 415


# The trail.


def test_the_trail_tells_who_signed_in_and_out_and_keeps_no_secret(client, user):
    pair = sign_in(client, user)
    pair = refresh(client, pair["refresh"]).json()
    send(client, "api-logout", **bearer(pair["access"]))

    session = ApiSession.objects.get()
    rows = AuditLog.objects.filter(table="api_sessions", row_id=session.pk).order_by("at", "pk")
    stamp = session.password_stamp
    assert [(row.action, row.source) for row in rows] == [("insert", "api"), ("update", "api")]
    assert rows[1].actor_id == user.pk
    assert set(rows[1].changes) == {"revoked_at", "revoked_because"}
    assert stamp not in str([row.changes for row in rows])
