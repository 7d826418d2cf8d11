"""Reads of many records: kept while nothing is committed, and not a moment longer."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from apps.core import valkey
from apps.core.cache import (
    CachedRead,
    OneMomentMiddleware,
    Per,
    StateRead,
    flights,
    has_changed,
    moments,
    one_moment,
    states,
    warm_up,
)
from apps.core.cache.memory import memory
from tests.factories import number

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def loads():
    return []


@pytest.fixture
def read(committed, loads):
    """How many rows there are, by a read of the test's own."""

    def load(key):
        loads.append(key)
        return Session.objects.count()

    return StateRead(f"tests.state{number()}", load)


@pytest.fixture
def quiet(monkeypatch):
    """A state that only this test changes: other tests commit to the same server meanwhile."""
    ours = "SELECT format('1:%s:', 1 + count(*)) FROM django_session"
    monkeypatch.setattr(states, "SNAPSHOT", ours)


def add_row():
    """Add a row as raw SQL does: nobody is told."""
    run_sql("INSERT INTO django_session VALUES (%s, 'as it was', now())", f"row{number()}")


def run_sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@contextmanager
def elsewhere():
    """Another process: it shares Valkey and the database, and neither memory nor knowledge."""
    held, known = memory._held, states._knowledge._known
    memory._held, states._knowledge._known = {}, states._Known()
    try:
        yield
    finally:
        memory._held, states._knowledge._known = held, known


def ask(read, key=None, **how):
    with one_moment(**how):
        return read(key)


def count_queries(work):
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def test_it_is_loaded_once_while_nothing_is_committed(quiet, read, loads):
    assert {ask(read) for _ in range(5)} == {0}
    with elsewhere():
        assert ask(read) == 0
    assert loads == [None]


def test_for_a_while_the_database_is_not_even_asked_for_its_state(quiet, read, monkeypatch):
    monkeypatch.setattr(states, "KNOWN_FOR", 60.0)  # However busy the machine is.
    ask(read)
    assert count_queries(lambda: [ask(read) for _ in range(10)]) == 0
    pass_a_while()
    assert count_queries(lambda: [ask(read) for _ in range(10)]) == 1


def test_what_one_process_was_told_of_the_state_the_others_believe_for_as_long(
    quiet, read, loads, monkeypatch
):
    monkeypatch.setattr(states, "KNOWN_FOR", 60.0)
    ask(read)
    add_row()
    with elsewhere():
        assert count_queries(lambda: ask(read)) == 0
        pass_a_while()
        assert ask(read) == 1
    assert ask(read) == 1
    assert len(loads) == 2


def test_it_is_told_for_no_longer_than_it_is_believed(quiet, read, monkeypatch):
    monkeypatch.setattr(states, "KNOWN_FOR", 60.0)
    ask(read)
    left = valkey.ask(("PTTL", valkey.place(moments.STATE)))[0]
    assert 0 < left <= 1_000 * (states.KNOWN_FOR - states.ON_THE_WAY)


def test_what_was_asked_for_long_ago_is_not_told(quiet, read, monkeypatch):
    ask_database = states._Knowledge.ask

    def ask_slowly(self, pulse):
        state = ask_database(self, pulse)
        time.sleep(states.KNOWN_FOR)
        return state

    monkeypatch.setattr(states._Knowledge, "ask", ask_slowly)
    ask(read)
    assert valkey.ask(("EXISTS", valkey.place(moments.STATE))) == [0]


def test_what_one_knows_who_wrote_is_not_told_to_others(quiet, read, rf, monkeypatch):
    monkeypatch.setattr(states, "KNOWN_FOR", 60.0)
    ask(read)
    mine = str(number())
    write(rf, "cookie", mine, "POST", 200)
    add_row()
    seen = []
    OneMomentMiddleware(lambda _: seen.append(read(None)) or HttpResponse())(
        asked(rf, "cookie", mine, "GET")
    )
    assert seen == [1]
    told = valkey.ask(("GET", valkey.place(moments.STATE)))[0]
    assert told.endswith(b"1,0"), "The state before the row."


def pass_a_while():
    known = states._knowledge._known
    states._knowledge._known = replace(known, asked_at=known.asked_at - states.KNOWN_FOR)
    valkey.ask(("DEL", valkey.place(moments.STATE)))


def test_who_wrote_reads_it_at_once_whichever_process_answers(read):
    assert ask(read) == 0
    with elsewhere():
        add_row()
        has_changed()  # As the middleware does at a request's end.
    assert ask(read) == 1
    with elsewhere():
        assert ask(read) == 1


def test_who_wrote_reads_it_within_the_same_request(read):
    ask(read)
    with one_moment(may_write=True):
        assert read(None) == 0
        add_row()
        assert read(None) == 1


@pytest.mark.parametrize("write", ["INSERT", "UPDATE", "DELETE"])
def test_raw_sql_that_nobody_announced_is_read_within_a_quarter_of_a_second(read, write):
    add_row()
    data = StateRead(
        f"tests.data{number()}",
        lambda _key: list(Session.objects.values_list("session_data", flat=True)),
    )
    assert ask(data) == ["as it was"]
    run_sql(
        {
            "INSERT": "INSERT INTO django_session VALUES ('new', 'as it is', now())",
            "UPDATE": "UPDATE django_session SET session_data = 'as it is'",
            "DELETE": "DELETE FROM django_session",
        }[write]
    )
    time.sleep(states.KNOWN_FOR)
    now = {"INSERT": ["as it is", "as it was"], "UPDATE": ["as it is"], "DELETE": []}
    assert sorted(ask(data)) == now[write]


def test_what_is_not_committed_is_nobodys_and_the_writers_alone(read, loads):
    ask(read)
    with transaction.atomic():
        add_row()
        assert ask(read) == 1  # From the database, and not kept.
        with ThreadPoolExecutor(1) as thread:
            assert thread.submit(ask_elsewhere, read).result() == 0
    has_changed()
    assert ask(read) == 1


def ask_elsewhere(read):
    try:
        with elsewhere():
            return ask(read)
    finally:
        connection.close()


def test_a_transaction_that_was_open_when_the_state_was_asked_changes_it_when_it_ends(read):
    """Its number lies below the first one that had not ended: only the list of the open tells."""
    opened, end = threading.Event(), threading.Event()

    def write():
        with transaction.atomic():
            add_row()
            opened.set()
            end.wait(5)
        connection.close()

    with ThreadPoolExecutor(1) as thread:
        writing = thread.submit(write)
        opened.wait(5)
        run_sql("SELECT pg_current_xact_id()")  # It ends at once: the open one lies below it.
        assert ask(read) == 0
        end.set()
        writing.result()
    time.sleep(states.KNOWN_FOR)
    assert ask(read) == 1


@pytest.mark.parametrize(
    ("earlier", "later"),
    [("10:10:", "11:11:"), ("9:12:9,11", "9:12:9"), ("9:12:9", "12:12:"), ("9:12:9", "9:13:9,12")],
)
def test_a_later_state_is_the_greater_one(earlier, later):
    assert states._read(earlier) < states._read(later)


def test_a_value_counts_no_longer_than_its_seconds(quiet, committed, loads):
    read = StateRead(f"tests.short{number()}", loads.append, ttl_seconds=1)
    ask(read), ask(read)
    assert len(loads) == 1
    time.sleep(1.05)
    ask(read)
    assert len(loads) == 2


def test_each_key_has_an_answer_of_its_own(committed):
    """The answer is loaded from its key alone: there is nobody else in it."""
    mine = StateRead(f"tests.mine{number()}", lambda user_id: f"for {user_id}", per=Per.USER)
    users = list(range(1, 60)) * 4

    def asked(user_id):
        try:
            return ask(mine, user_id)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(asked, users)) == [f"for {each}" for each in users]


def test_two_reads_cannot_have_one_name(committed):
    name = f"tests.one{number()}"
    StateRead(name, str)
    with pytest.raises(ValueError, match="would get the other's"):
        CachedRead(name, str)


def test_what_is_cleared_in_valkey_is_gone_from_memory_too(quiet, read, loads):
    ask(read)
    cache.delete(read.value_key_of(None))
    has_changed()
    ask(read)
    assert len(loads) == 2


def test_without_valkey_it_is_as_exact_and_asks_for_the_state_each_time(
    quiet, read, loads, settings
):
    settings.CACHES = {
        "default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}
    }
    assert [ask(read), ask(read)] == [0, 0]
    assert len(loads) == 1
    assert count_queries(lambda: ask(read)) == 1
    add_row()
    assert ask(read) == 1


def test_a_value_that_tells_the_state_is_made_of_nothing_that_is_kept(quiet, committed):
    """A kept part may be older than the state; what was made of it would stay wrong."""
    part = CachedRead(f"tests.part{number()}", lambda _key: Session.objects.count())
    asked = []
    whole = StateRead(
        f"tests.whole{number()}",
        lambda key: (part(key), asked.append(count_queries(lambda: part(key))))[0],
    )
    assert (ask(part, 1), ask(whole, 1)) == (0, 0)
    add_row()  # ``part`` is not told.
    time.sleep(states.KNOWN_FOR)
    assert (ask(part, 1), ask(whole, 1)) == (0, 1)
    assert asked == [0, 0]  # And within one load each part is asked for once.


def run_at_once(work, threads):
    barrier = threading.Barrier(threads)

    def run():
        barrier.wait(5)
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return [each.result() for each in [pool.submit(run) for _ in range(threads)]]


@pytest.mark.parametrize("kind", [StateRead, CachedRead])
def test_a_hot_key_that_falls_is_loaded_once(quiet, committed, kind):
    loads = []

    def load(_key):
        loads.append(1)
        time.sleep(0.1)
        return "loaded"

    read = kind(f"tests.hot{number()}", load)
    assert run_at_once(lambda: ask(read), 12) == ["loaded"] * 12
    assert len(loads) == 1


def test_another_process_waits_for_what_the_first_one_stores(quiet, committed, monkeypatch):
    monkeypatch.setattr(flights, "_turns", {})
    loads = []

    def load(_key):
        loads.append(1)
        time.sleep(0.1)
        return "loaded"

    read = StateRead(f"tests.far{number()}", load)
    cache.add(f"{read.key_of(None)}:lease", 1, timeout=5)  # Another process loads.

    def other():
        time.sleep(0.2)
        with one_moment(), elsewhere():
            read._load(None, moments.current_moment().ask().writes)
        cache.delete(f"{read.key_of(None)}:lease")
        connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    began = time.monotonic()
    assert ask(read) == "loaded"
    assert 0.2 < time.monotonic() - began < 0.8
    thread.join()
    assert len(loads) == 1


def test_nobody_waits_long_for_a_process_that_died(read, loads, monkeypatch):
    monkeypatch.setattr(flights, "PATIENCE", 0.2)
    cache.add(f"{read.key_of(None)}:lease", 1, timeout=5)
    began = time.monotonic()
    assert ask(read) == 0
    assert 0.2 < time.monotonic() - began < 1
    assert flights._turns == {}


def test_a_load_that_fails_is_the_callers_and_blocks_nobody(committed):
    outcomes = iter([ZeroDivisionError(), None])

    def load(_key):
        if error := next(outcomes):
            raise error
        return "loaded"

    read = StateRead(f"tests.failing{number()}", load)
    with pytest.raises(ZeroDivisionError):
        ask(read)
    began = time.monotonic()
    assert ask(read) == "loaded"
    assert time.monotonic() - began < 0.5


def test_what_every_process_is_asked_for_is_loaded_when_it_starts(quiet, committed, loads):
    read = StateRead(
        f"tests.warm{number()}", lambda key: loads.append(key) or key, warm=lambda: [7]
    )
    with one_moment():
        warm_up()
    assert loads == [7]
    assert count_queries(lambda: ask(read, 7)) <= 1
    assert loads == [7]


def test_what_cannot_be_loaded_early_is_no_harm(committed, caplog):
    def fail():
        run_sql("SELECT nonsense")

    StateRead(f"tests.cold{number()}", str, warm=fail)
    warm_up()
    assert "could not be loaded early" in caplog.text


@pytest.mark.parametrize(
    ("method", "status", "leaves_one"),
    [
        ("GET", 200, False),
        ("OPTIONS", 200, False),
        ("POST", 200, True),
        ("PATCH", 302, True),
        ("DELETE", 204, True),
        ("POST", 400, False),
        ("PUT", 409, False),
    ],
)
@pytest.mark.parametrize("way", ["cookie", "token"])
def test_a_session_that_has_written_leaves_a_mark_of_its_own(
    rf, committed, way, method, status, leaves_one
):
    mine, other = str(number()), str(number())
    pulses = pulses_of(rf, way, mine)

    write(rf, way, mine, method, status)

    assert pulses_of(rf, way, mine) == pulses._replace(has_written=leaves_one)
    assert pulses_of(rf, way, other) == pulses


def test_a_mark_stays_longer_than_a_state_is_believed_and_goes(rf, committed):
    mine = str(number())
    write(rf, "cookie", mine, "POST", 200)
    time.sleep(2 * states.KNOWN_FOR)
    assert pulses_of(rf, "cookie", mine).has_written
    time.sleep(moments.LATELY)
    assert not pulses_of(rf, "cookie", mine).has_written


def write(rf, way, session, method, status):
    request = asked(rf, way, session, method)
    OneMomentMiddleware(lambda _request: HttpResponse(status=status))(request)


def pulses_of(rf, way, session):
    found = []

    def look(_request):
        found.append(moments.current_moment().ask())
        return HttpResponse()

    OneMomentMiddleware(look)(asked(rf, way, session, "GET"))
    return found[0]


def asked(rf, way, session, method):
    if way == "token":
        return rf.generic(method, "/", headers={"Authorization": f"Bearer {session}"})
    request = rf.generic(method, "/")
    request.COOKIES[settings.SESSION_COOKIE_NAME] = session
    return request


@pytest.mark.parametrize("kind", [StateRead, CachedRead])
def test_a_value_that_a_process_holds_costs_less_than_a_tenth_of_a_millisecond(
    quiet, committed, kind
):
    """The best of many: a busy machine is dear now and then, and not each time."""
    read = kind(f"tests.quick{number()}", str)
    costs = []
    with one_moment():
        read(1)
        for _ in range(200):
            began = time.perf_counter()
            read(1)
            costs.append(time.perf_counter() - began)
    assert min(costs) < 0.0001
