"""Rate limits: exact under a race, honest in their headers, absent without Valkey."""

import logging
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django_redis import get_redis_connection

from apps.core import limits, valkey
from apps.core.cache import one_moment
from apps.core.cache.moments import current_moment
from apps.core.limits import Limit, Taken, expect, headers, hit, hit_once, limit_of

THREE = Limit("three", 3, 60)
NOON = 1_800_000_000.0  # Seconds since 1970, the beginning of a minute.


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """An empty Valkey that is being asked, at a time that the test moves."""
    cache.clear()
    now = [NOON]
    ticking = SimpleNamespace(time=lambda: now[0], monotonic=time.monotonic)
    monkeypatch.setattr(limits, "time", ticking)
    return now


def test_so_many_are_allowed_and_no_more():
    taken = [hit(THREE, "ada") for _ in range(5)]
    assert [each.allowed for each in taken] == [True, True, True, False, False]
    assert [each.remaining for each in taken] == [2, 1, 0, 0, 0]


def test_callers_and_limits_are_counted_apart():
    for _ in range(4):
        hit(THREE, "ada")
    assert hit(THREE, "grace").remaining == 2
    assert hit(Limit("others", 3, 60), "ada").remaining == 2


def test_the_next_window_begins_anew(clock):
    clock[0] = NOON + 59.5
    for _ in range(3):
        hit(THREE, "ada")
    refused = hit(THREE, "ada")
    assert (refused.allowed, refused.reset_after) == (False, 1)
    clock[0] += refused.reset_after
    assert hit(THREE, "ada") == Taken(True, THREE, 2, 60)


def test_what_was_counted_goes_by_itself():
    hit(THREE, "ada")
    valkey = get_redis_connection("default")
    [key] = valkey.keys("*three*")
    assert 0 < valkey.ttl(key) <= THREE.seconds


def test_of_a_hundred_at_once_exactly_so_many_get_through():
    limit, together = Limit("race", 37, 60), Barrier(100)

    def run(_number):
        together.wait(20)
        return hit(limit, "ada").allowed

    with ThreadPoolExecutor(100) as threads:
        assert sum(threads.map(run, range(100))) == 37


def test_a_hit_is_one_way_to_valkey_and_back(monkeypatch):
    hit(THREE, "ada")  # From here on Valkey knows the script.
    sent, send = [], valkey._Line._ask

    def record(line, commands):
        sent.append(commands)
        return send(line, commands)

    monkeypatch.setattr(valkey._Line, "_ask", record)
    for _ in range(10):
        hit(THREE, "ada")
    assert len(sent) == 10


def test_the_first_hit_of_a_request_brings_the_pulses_along(monkeypatch):
    with one_moment():
        current_moment().ask()  # From here on Valkey has pulses.
    asked, ask = [], valkey.ask
    monkeypatch.setattr(valkey, "ask", lambda *commands: asked.append(commands) or ask(*commands))
    with one_moment():
        hit(THREE, "ada")
        assert all(current_moment().ask()[:2])
        hit(THREE, "ada")
    assert [[command[0] for command in way] for way in asked] == [
        ["INCR", "EXPIRE", "MGET"],
        ["INCR", "EXPIRE"],
    ]


def test_who_was_expected_is_counted_once(rf):
    request = rf.get("/")
    expect(request, THREE, "ada")
    assert hit_once(request, THREE, "ada").remaining == 2
    assert hit(THREE, "ada").remaining == 1


def test_who_was_not_expected_is_counted(rf):
    request = rf.get("/")
    expect(request, THREE, "ada")
    assert hit_once(request, THREE, "grace").remaining == 2
    assert hit(THREE, "grace").remaining == 1


def test_the_headers_say_policy_and_state():
    assert headers(hit(THREE, "ada")) == {
        "RateLimit-Policy": '"three";q=3;w=60',
        "RateLimit": '"three";r=2;t=60',
    }


def test_the_headers_of_two_limits_name_both_and_wait_for_the_longer():
    refused = Taken(False, THREE, 0, 20), Taken(False, Limit("day", 9, 86_400), 0, 700)
    assert headers(*refused) == {
        "RateLimit-Policy": '"three";q=3;w=60, "day";q=9;w=86400',
        "RateLimit": '"three";r=0;t=20, "day";r=0;t=700',
        "Retry-After": "700",
    }


def test_the_amounts_are_settings(settings):
    settings.RATE_LIMITS = {"user": 7}
    assert limit_of("user") == Limit("user", 7, 60)


@pytest.fixture
def silent(settings):
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": address}}
        yield


def test_without_valkey_all_are_allowed_and_the_log_says_so(silent, caplog):
    with caplog.at_level(logging.WARNING, logger="apps.core.limits"):
        taken = [hit(THREE, "ada") for _ in range(5)]
    assert [(each.allowed, each.remaining) for each in taken] == [(True, None)] * 5
    assert headers(taken[0]) == {"RateLimit-Policy": '"three";q=3;w=60'}
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_valkey_that_does_not_answer_holds_one_request_a_second_up(silent):
    began = time.monotonic()
    for _ in range(50):
        hit(THREE, "ada")
    assert time.monotonic() - began < 2
    get_redis_connection("default").connection_pool._paused_until = 0.0
    began = time.monotonic()
    hit(THREE, "ada")
    assert time.monotonic() - began > 0.3  # It was asked again.
