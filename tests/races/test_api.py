"""Programs that ask at the same instant, each over a connection of its own: one effect, no more."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.db import connection
from django.test import Client

from apps.accounts.models import SignInAttempts, User
from apps.audit.models import AuditLog
from apps.background.models import IdempotencyKey
from apps.customers.models import Customer
from tests.factories import PASSWORD, make_customer, make_user
from tests.invariants import assert_invariants
from tests.races.racing import PATIENCE

pytestmark = [pytest.mark.race, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

BASE = "/api/v1/"
JSON = "application/json"
PATCHING, SENDING, PUTTING = 32, 50, 16
GUESSES, GUESSERS = 1_000, 40
WRONG_ALLOWED = 5  # Of one name, from one address, in a quarter of an hour.


@pytest.fixture
def planner(committed: None, settings: Any) -> User:
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, 10**6)
    return make_user("planner")


@pytest.fixture
def shown(capsys: Any) -> Callable[[str], None]:
    """Print what was counted, whatever becomes of the test."""

    def show(line: str) -> None:
        with capsys.disabled():
            print(f" {line}", end="")  # noqa: T201 - real numbers are what it is about

    return show


def at_once(number: int, ask: Callable[[Client, int], Any], user: User) -> list[Any]:
    """Have as many programs ask together; return their answers."""
    clients = [Client() for _ in range(number)]
    for client in clients:
        client.force_login(user)
    barrier = Barrier(number)

    def run(place: int) -> Any:
        try:
            barrier.wait(PATIENCE)
            return ask(clients[place], place)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(run, range(number)))


def test_of_many_who_change_one_version_one_does(planner, shown):
    customer = make_customer(city="Linz")
    address = f"{BASE}customers/{customer.pk}/"
    reader = Client()
    reader.force_login(planner)
    etag = reader.get(address)["ETag"]

    answers = at_once(
        PATCHING,
        lambda client, n: client.patch(
            address, {"city": f"City {n}"}, content_type=JSON, headers={"If-Match": etag}
        ),
        planner,
    )

    statuses = Counter(answer.status_code for answer in answers)
    shown(f"{PATCHING} PATCH with one If-Match: {dict(statuses)}")
    assert statuses == {200: 1, 412: PATCHING - 1}
    (changed,) = [answer.json() for answer in answers if answer.status_code == 200]
    for answer in answers:
        if answer.status_code == 412:
            assert answer.json()["details"]["current"] == changed
    assert Customer.objects.get().city == changed["city"]
    trail = AuditLog.objects.filter(table="customers", row_id=customer.pk, action="update")
    assert trail.count() == 1
    assert_invariants()


def test_a_key_that_comes_many_times_at_once_has_one_effect_and_one_answer(planner, shown):
    answers = at_once(
        SENDING,
        lambda client, _: client.post(
            f"{BASE}customers/",
            {"name": "Acme"},
            content_type=JSON,
            headers={"Idempotency-Key": "order-4711"},
        ),
        planner,
    )

    statuses = Counter(answer.status_code for answer in answers)
    bodies = Counter(answer.content for answer in answers if answer.status_code == 201)
    replayed = sum("Idempotency-Replayed" in answer.headers for answer in answers)
    shown(f"{SENDING} POST with one key: {dict(statuses)}, {len(bodies)} body, {replayed} replayed")
    assert statuses == {201: SENDING}
    assert (len(bodies), replayed) == (1, SENDING - 1)
    assert Customer.objects.count() == 1
    assert IdempotencyKey.objects.count() == 1
    assert_invariants()


def test_of_many_who_put_one_new_external_id_one_makes_it(planner, shown):
    answers = at_once(
        PUTTING,
        lambda client, n: client.put(
            f"{BASE}customers/by-external-id/erp-1/", {"name": f"Acme {n}"}, content_type=JSON
        ),
        planner,
    )

    statuses = Counter(answer.status_code for answer in answers)
    shown(f"{PUTTING} PUT of one new external id: {dict(statuses)}")
    assert statuses == {201: 1, 200: PUTTING - 1}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Customer.objects.get().external_id == "erp-1"
    assert_invariants()


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were looked at."""
    seen: list[str] = []
    lock = Lock()

    def look(password: str, *given: Any, **more: Any) -> bool:
        with lock:
            seen.append(password)
        return check_password(password, *given, **more)

    monkeypatch.setattr("django.contrib.auth.base_user.check_password", look)
    return seen


def guess(username: str, guesses: int) -> list[Any]:
    """Return all answers: who waited too long for the lock was told 503, and asked again."""

    def run(number: int) -> list[Any]:
        said = {"username": username, "password": f"guess {number}"}
        answers: list[Any] = []
        try:
            while not answers or answers[-1].status_code == 503:
                answers.append(Client().post(f"{BASE}auth/token/", said, content_type=JSON))
        finally:
            connection.close()
        return answers

    with ThreadPoolExecutor(GUESSERS) as threads:
        return [answer for each in threads.map(run, range(guesses)) for answer in each]


def counted(answers: list[Any]) -> Counter[tuple[int, str]]:
    return Counter((answer.status_code, answer.json()["code"]) for answer in answers)


def test_of_a_thousand_guesses_five_are_looked_at(planner, evaluated, shown):
    """Without the limit of requests, which would spare the lock most of them."""
    other = make_user("planner")

    answers = [each for each in guess(planner.username, GUESSES) if each.status_code != 503]

    found = counted(answers)
    shown(f"{GUESSES:,} guesses: {len(evaluated)} evaluated, {dict(found)}")
    assert len(evaluated) == WRONG_ALLOWED
    assert found == {
        (401, "wrong_credentials"): WRONG_ALLOWED,
        (429, "sign_in_locked"): GUESSES - WRONG_ALLOWED,
    }
    assert all("Retry-After" in answer.headers for answer in answers if answer.status_code == 429)
    right = {"username": planner.username, "password": PASSWORD}
    assert Client().post(f"{BASE}auth/token/", right, content_type=JSON).status_code == 429
    right = {"username": other.username, "password": PASSWORD}
    assert Client().post(f"{BASE}auth/token/", right, content_type=JSON).status_code == 200
    assert SignInAttempts.objects.filter(username=planner.username).count() == 2


def test_of_many_requests_no_more_get_to_the_lock_than_the_limit_lets_through(
    committed, settings, evaluated, shown
):
    """As an installation has it: requests are counted first, wrong passwords after."""
    limit = settings.RATE_LIMITS["auth"]

    found = counted(guess(make_user("planner").username, 2 * limit))

    shown(f"{2 * limit} guesses at {limit} a minute: {len(evaluated)} evaluated, {dict(found)}")
    assert len(evaluated) == WRONG_ALLOWED
    assert found[401, "wrong_credentials"] == WRONG_ALLOWED
    told_to_wait = sum(count for (status, _), count in found.items() if status == 503)
    let_through = WRONG_ALLOWED + found[429, "sign_in_locked"] + told_to_wait
    assert limit <= let_through <= 2 * limit  # More than the limit, where a minute turned.
    assert found.total() == 2 * limit + told_to_wait
