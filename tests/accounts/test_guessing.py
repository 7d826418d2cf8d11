"""Guessing passwords: few guesses are looked at, however many come at once, at every door."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Lock

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import aauthenticate, authenticate
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts import services
from apps.accounts.errors import SignInLocked
from apps.accounts.models import ApiSession, SignInAttempts, User
from apps.accounts.states import EVERYWHERE, WRONG_PER_ADDRESS, WRONG_PER_NAME
from apps.accounts.tasks import clear_sign_ins
from tests.factories import PASSWORD, make_user

GUESSES = 1_000
THREADS = 32


@pytest.fixture
def evaluated(monkeypatch):
    """The names whose password was looked at."""
    seen, lock = [], Lock()
    check, pretend = User.check_password, User.set_password

    def note(user, raw):
        with lock:
            seen.append(user.username)
        return check(user, raw)

    def note_unknown(user, raw):  # What Django does for a name that nobody has.
        with lock:
            seen.append("unknown")
        return pretend(user, raw)

    monkeypatch.setattr(User, "check_password", note)
    monkeypatch.setattr(User, "set_password", note_unknown)
    return seen


def guess(rf, username, password="wrong", address="192.0.2.1"):  # noqa: S107 - a wrong one
    request = rf.post("/", REMOTE_ADDR=address)
    try:
        user = authenticate(request, username=username, password=password)
    except SignInLocked:
        return "locked"
    return "in" if user else "wrong"


def at_once(deed, times):
    """Do it so many times, in threads that begin together."""
    barrier = Barrier(THREADS)

    def run(share):
        barrier.wait(20)
        try:
            return [deed(number) for number in range(share, times, THREADS)]
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as threads:
        return [end for ends in threads.map(run, range(THREADS)) for end in ends]


def lock(rf, user, address="192.0.2.1"):
    for _ in range(WRONG_PER_ADDRESS):
        assert guess(rf, user.username, address=address) == "wrong"


@pytest.mark.race
@pytest.mark.slow
def test_of_a_thousand_guesses_at_once_five_are_evaluated(committed, rf, evaluated):
    victim, other = make_user(), make_user()
    evaluated.clear()

    ended = at_once(lambda n: guess(rf, victim.username, f"guess {n}"), GUESSES)

    print(f"{len(evaluated)} of {len(ended)} guesses evaluated")  # noqa: T201 - -rP shows it
    assert evaluated == [victim.username] * WRONG_PER_ADDRESS
    assert sorted(set(ended)) == ["locked", "wrong"]
    assert ended.count("wrong") == WRONG_PER_ADDRESS
    assert guess(rf, victim.username, PASSWORD) == "locked"
    assert guess(rf, other.username, PASSWORD) == "in"
    assert guess(rf, victim.username, PASSWORD, address="192.0.2.2") == "in"


@pytest.mark.race
@pytest.mark.slow
def test_of_guesses_at_once_from_everywhere_fifty_are_evaluated(committed, rf, evaluated):
    victim = make_user()
    evaluated.clear()

    at_once(lambda n: guess(rf, victim.username, address=f"192.0.2.{n}"), 250)

    assert evaluated == [victim.username] * WRONG_PER_NAME
    assert guess(rf, victim.username, PASSWORD, address="198.51.100.1") == "locked"


@pytest.mark.race
@pytest.mark.slow
def test_signing_in_at_once_with_the_right_password_leaves_nothing_locked(committed, rf):
    user = make_user()

    ended = at_once(lambda _: guess(rf, user.username, PASSWORD), 200)

    assert "in" in ended
    assert "wrong" not in ended
    assert guess(rf, user.username, PASSWORD) == "in"
    assert SignInAttempts.objects.get().taken == 0


@pytest.mark.django_db
def test_an_unlock_in_the_office_works(client, rf, administrator):
    user = make_user()
    lock(rf, user)
    client.force_login(administrator)
    page = reverse("admin:accounts_signinattempts_changelist")
    (row,) = client.get(page).context["cl"].result_list
    assert (row.username, row.address) == (user.username, "192.0.2.1")

    client.post(page, {"action": "unlock", "_selected_action": [row.pk]})

    assert not client.get(page).context["cl"].result_list
    assert guess(rf, user.username, PASSWORD) == "in"


@pytest.mark.django_db
def test_a_name_is_one_whatever_its_case_and_form(rf, evaluated):
    user = make_user(username="Ayşe")
    evaluated.clear()
    for written in ("Ayşe", "AYŞE", "ayşe", "ayşe", "aYşe"):
        assert guess(rf, written) == "wrong"

    assert guess(rf, "ayŞe") == "locked"
    assert guess(rf, user.username, PASSWORD) == "locked"


@pytest.mark.django_db
def test_a_name_that_nobody_has_answers_and_costs_what_a_wrong_password_does(rf, evaluated):
    user = make_user()
    evaluated.clear()
    answers = {
        name: [guess(rf, name) for _ in range(WRONG_PER_ADDRESS + 1)]
        for name in (user.username, "nobody")
    }

    assert answers["nobody"] == answers[user.username] == ["wrong"] * 5 + ["locked"]
    assert evaluated == [user.username] * 5 + ["unknown"] * 5


@pytest.mark.django_db
def test_a_right_password_takes_back_the_wrong_ones_from_its_address(rf):
    user = make_user()
    for _ in range(3):
        for _ in range(WRONG_PER_ADDRESS - 1):
            assert guess(rf, user.username) == "wrong"
        assert guess(rf, user.username, PASSWORD) == "in"

    assert SignInAttempts.objects.get(address=EVERYWHERE).taken == 3 * (WRONG_PER_ADDRESS - 1)


@pytest.mark.django_db
def test_fifteen_minutes_after_the_last_guess_one_begins_anew(rf):
    user = make_user()
    lock(rf, user)
    now = timezone.now()
    assert now + timedelta(minutes=14) < SignInAttempts.objects.full().get().window_ends_at
    SignInAttempts.objects.update(window_ends_at=now)

    assert guess(rf, user.username) == "wrong"
    assert set(SignInAttempts.objects.values_list("taken", flat=True)) == {1}


@pytest.mark.django_db
def test_addresses_of_one_ipv6_network_are_one(rf):
    user = make_user()
    for n in range(WRONG_PER_ADDRESS):
        assert guess(rf, user.username, address=f"2001:db8::{n}") == "wrong"

    assert guess(rf, user.username, address="2001:db8::ffff") == "locked"


# Every door.


@pytest.mark.django_db
def test_the_sign_in_page_says_it_and_keeps_what_was_typed(client, rf):
    user = make_user()
    lock(rf, user, address="127.0.0.1")

    answer = client.post(reverse("login"), {"username": user.username, "password": PASSWORD})

    page = answer.content.decode()
    assert answer.status_code == 429
    assert 14 * 60 < int(answer["Retry-After"]) <= 15 * 60
    assert "Too many wrong passwords. Try again in 15 minutes" in page
    assert f'value="{user.username}"' in page
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_the_api_says_when_to_come_again(client, rf):
    user = make_user()
    lock(rf, user, address="127.0.0.1")

    answer = client.post(
        reverse("api-token"),
        {"username": user.username, "password": PASSWORD},
        content_type="application/json",
    )

    assert answer.status_code == 429
    assert answer.json()["code"] == "sign_in_locked"
    assert 14 * 60 < int(answer["Retry-After"]) <= 15 * 60
    assert not ApiSession.objects.exists()


@pytest.mark.django_db
def test_the_old_password_is_no_better_guessed_by_who_is_signed_in(client):
    user = make_user()
    client.force_login(user)
    new = {"new_password1": "an entirely new phrase", "new_password2": "an entirely new phrase"}
    for _ in range(WRONG_PER_ADDRESS):
        client.post(reverse("password"), {"old_password": "wrong", **new})

    answer = client.post(reverse("password"), {"old_password": PASSWORD, **new})

    assert "Too many wrong passwords" in answer.content.decode()
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


@pytest.mark.django_db
def test_the_office_has_no_password_page_of_its_own(client, administrator):
    client.force_login(administrator)

    assert client.post(reverse("admin:password_change")).url == reverse("password")


@pytest.mark.django_db(transaction=True)
def test_django_s_own_asynchronous_way_in_is_guarded_too(committed, rf):
    user = make_user()
    lock(rf, user)

    with pytest.raises(SignInLocked):
        async_to_sync(aauthenticate)(
            rf.post("/", REMOTE_ADDR="192.0.2.1"), username=user.username, password=PASSWORD
        )


# Housekeeping, and odd names.


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["x" * 65_536, "\x00", "İ𝔘ß" * 60, EVERYWHERE, "' OR 1=1 --"])
def test_no_name_breaks_the_guard(rf, name):
    ended = {services.guarded(name, "192.0.2.1", lambda: None) for _ in range(5)}

    assert ended == {None}
    with pytest.raises(SignInLocked):
        services.guarded(name, "192.0.2.1", lambda: "in")


@pytest.mark.django_db
def test_a_caller_without_an_address_is_guarded(rf):
    user = make_user()
    for _ in range(WRONG_PER_ADDRESS):
        assert not authenticate(None, username=user.username, password="wrong")  # noqa: S106

    assert not Client().login(username="nobody", password="wrong")  # noqa: S106
    with pytest.raises(SignInLocked):
        Client().login(username=user.username, password=PASSWORD)


@pytest.mark.django_db
def test_what_counts_no_more_is_cleared(rf):
    locked, forgotten = make_user(), make_user()
    lock(rf, locked)
    guess(rf, forgotten.username)
    now = timezone.now()
    SignInAttempts.objects.filter(username=forgotten.username).update(window_ends_at=now)
    past = {"user": locked, "password_stamp": "", "address": ""}
    ApiSession.objects.create(expires_at=now - timedelta(days=31), **past)
    kept = ApiSession.objects.create(expires_at=now - timedelta(days=29), **past)

    clear_sign_ins()

    assert set(SignInAttempts.objects.values_list("username", flat=True)) == {locked.username}
    assert ApiSession.objects.get() == kept
