"""The same request twice, and fifty times at once: one effect, one answer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier, Event

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from apps.background import services
from apps.background.errors import KeyInUse, KeyReused
from apps.background.idempotency import KEPT_FOR, Stored, fingerprint_of, once
from apps.background.models import IdempotencyKey
from apps.core.errors import Conflict, Invalid

PATIENCE = 20  # Seconds.
BODY = b'{"title": "Bracket"}'


def make_session(status=201):
    """Have an effect that can be counted; answer with what only the first can know."""
    number = Session.objects.count() + 1
    Session.objects.create(session_key=f"made-{number}", expire_date=timezone.now())
    return Stored(status, {"Location": f"/made/{number}"}, b"made %d" % number)


def ask(effect=make_session, *, user_id=1, method="POST", path="/jobs/", key="k", body=BODY):
    return once(
        user_id=user_id,
        method=method,
        path=path,
        key=key,
        fingerprint=fingerprint_of(body),
        effect=effect,
    )


def grow_old(**by):
    IdempotencyKey.objects.update(created_at=F("created_at") - timedelta(**by))


def in_a_thread(deed):
    """Return a deed that hangs up its thread's connection at the end."""

    def run(*args):
        try:
            return deed(*args)
        finally:
            connection.close()

    return run


def test_the_same_request_again_gets_the_same_answer_and_has_no_effect(db):
    first, again = ask(), ask()
    assert again == first == Stored(201, {"Location": "/made/1"}, b"made 1")
    assert (first.is_replayed, again.is_replayed) == (False, True)
    assert Session.objects.count() == 1


@pytest.mark.parametrize(
    "other",
    [{"user_id": 2}, {"method": "PATCH"}, {"path": "/jobs/1/"}, {"key": "K"}],
    ids=lambda other: next(iter(other)),
)
def test_another_user_method_path_or_key_is_another_request(db, other):
    assert ask() != ask(**other)
    assert Session.objects.count() == 2


def test_a_key_that_came_with_another_body_is_refused(db):
    ask()
    with pytest.raises(KeyReused) as refused:
        ask(body=b"{}")
    assert (refused.value.status, refused.value.code) == (422, "idempotency_key_reused")
    assert Session.objects.count() == 1


@pytest.mark.parametrize("status", [302, 400, 409, 500])
def test_an_answer_that_is_no_success_is_handed_on_with_nothing_kept(db, status):
    assert ask(partial(make_session, status)).status == status
    assert not Session.objects.exists()
    assert not IdempotencyKey.objects.exists()
    assert ask().status == 201


def test_an_effect_that_fails_keeps_nothing_and_may_be_tried_again(db):
    def fail():
        make_session()
        raise Conflict("Not now.")

    with pytest.raises(Conflict, match=r"Not now\."):
        ask(fail)
    assert not Session.objects.exists()
    assert not ask(body=b"{}").is_replayed  # With another body too: the key is free.


@pytest.mark.parametrize("key", ["", "k" * 256, "two\nlines", "schlüssel", "\x7f", "nul\x00"])
def test_what_is_no_key_is_refused(db, key):
    with pytest.raises(Invalid):
        ask(key=key)


@pytest.mark.parametrize("key", ["k" * 255, '"d9f3 1b2c"', "~ !"])
def test_printable_ascii_is_a_key(db, key):
    assert ask(key=key) == ask(key=key)


def test_a_path_that_no_address_of_ours_has_is_refused(db):
    assert ask(path="/" * 255)
    with pytest.raises(Invalid):
        ask(path="/" * 256)


def test_an_answer_of_any_bytes_and_length_comes_back(db):
    body = bytes(range(256)) * 20_000
    effect = partial(Stored, 200, {}, body)
    ask(effect)
    assert ask(effect).body == body


def test_after_a_day_the_key_is_new(db):
    ask()
    grow_old(hours=23, minutes=59)
    assert ask(body=BODY).is_replayed
    grow_old(minutes=2)
    assert ask(body=b"{}") == Stored(201, {"Location": "/made/2"}, b"made 2")
    assert ask(body=b"{}").is_replayed
    assert IdempotencyKey.objects.count() == 1


def test_the_first_costs_two_queries_and_each_further_two(db, django_assert_num_queries):
    """Beside the savepoint that stands here for the transaction."""
    answer = partial(Stored, 200, {}, b"")
    for _ in range(2):
        with django_assert_num_queries(4):
            ask(answer)


def test_what_the_effect_meets_in_the_database_is_no_matter_of_the_key(db):
    def meet_a_lock():
        with connection.cursor() as cursor:
            cursor.execute("DO $$ BEGIN RAISE lock_not_available; END $$")

    with pytest.raises(Exception, match="lock_not_available"):
        ask(meet_a_lock)


@pytest.mark.race
@pytest.mark.slow
def test_fifty_at_once_have_one_effect_and_one_answer(committed):
    together = Barrier(50)

    def run(_number):
        together.wait(PATIENCE)
        return ask()

    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(in_a_thread(run), range(50)))
    assert Session.objects.count() == 1
    assert answers == [Stored(201, {"Location": "/made/1"}, b"made 1")] * 50
    assert sum(not answer.is_replayed for answer in answers) == 1


@pytest.mark.race
def test_who_waits_for_one_that_fails_has_the_effect_instead(committed):
    begun, fail = Event(), Event()

    def fail_when_told():
        make_session()
        begun.set()
        assert fail.wait(PATIENCE)
        return Stored(409, {}, b"")

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(in_a_thread(ask), fail_when_told)
        assert begun.wait(PATIENCE)
        second = threads.submit(in_a_thread(ask))
        wait_for_a_waiter()
        fail.set()
        assert (first.result(PATIENCE).status, second.result(PATIENCE).status) == (409, 201)
    assert Session.objects.count() == 1


@pytest.mark.race
def test_who_waits_longer_than_for_a_lock_is_told_so(committed):
    begun, end = Event(), Event()

    def take_long():
        begun.set()
        assert end.wait(PATIENCE)
        return make_session()

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(in_a_thread(ask), take_long)
        assert begun.wait(PATIENCE)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        with pytest.raises(KeyInUse) as refused:
            ask()
        end.set()
        assert first.result(PATIENCE).status == 201
    assert (refused.value.status, refused.value.code) == (409, "idempotency_key_in_use")
    assert ask().is_replayed
    connection.close()  # With its time-out.


def wait_for_a_waiter():
    """Return once another transaction waits for a lock."""
    with connection.cursor() as cursor:
        for _ in range(PATIENCE * 100):
            cursor.execute(
                "SELECT count(*), pg_sleep(0.01) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
    pytest.fail("nobody waits")


def test_effect_and_answer_are_a_transaction_of_their_own(committed):
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        ask()


def test_what_is_a_day_old_is_cleared_batch_by_batch(db, monkeypatch, django_assert_num_queries):
    for number in range(5):
        ask(key=f"old {number}")
    grow_old(days=KEPT_FOR.days, seconds=1)
    ask(key="young")
    monkeypatch.setattr(services, "BATCH", 2)
    with django_assert_num_queries(3):
        assert services.clear_idempotency_keys() == 5
    assert [each.key for each in IdempotencyKey.objects.all()] == ["young"]
