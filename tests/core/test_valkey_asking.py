"""Several questions, one way to Valkey and back."""

import os
from threading import Thread

import pytest
from django.conf import settings
from django.core.cache import cache
from django_redis import get_redis_connection
from redis.exceptions import ResponseError

from apps.background import heartbeats
from apps.core import limits, valkey
from apps.core.cache import statistics
from apps.core.limits import Limit


@pytest.fixture(autouse=True)
def empty():
    get_redis_connection("default").flushdb()


def test_answers_come_in_the_order_of_the_questions():
    assert valkey.ask(("SET", "a", 1), ("INCR", "a"), ("GET", "b")) == [b"OK", 2, None]


def test_a_question_that_is_refused_leaves_no_answer_to_the_next():
    with pytest.raises(ResponseError):
        valkey.ask(("SET", "a", "x"), ("INCR", "a"), ("GET", "a"))
    assert valkey.ask(("GET", "a")) == [b"x"]


def test_what_lies_beside_the_cache_bears_its_name_and_outlives_it():
    prefix = settings.CACHES["default"]["KEY_PREFIX"]
    limits.hit(Limit("beside", 3, 60), "ada")
    heartbeats.tell("worker", "ada")
    statistics.count("tests", hit=True)
    statistics.rates()
    found = {key.decode() for key in get_redis_connection("default").keys(f"{prefix}:*")}
    assert {key.split(":")[1] for key in found} == {"heartbeats", "limits", "statistics"}
    cache.set("anything", 1)
    assert cache.delete_pattern("*") == 1


def test_a_connection_that_was_closed_is_made_anew():
    _, own = valkey.ask(("SET", "a", 1), ("CLIENT", "ID"))
    get_redis_connection("default").client_kill_filter(_id=str(own))
    assert valkey.ask(("GET", "a")) == [b"1"]


def test_each_thread_asks_over_its_own():
    pool, found = get_redis_connection("default").connection_pool, []

    def ask():
        valkey.ask(("GET", "a"))
        found.append(pool._kept.line)

    for _ in range(2):
        thread = Thread(target=ask)
        thread.start()
        thread.join()
    assert found[0] is not found[1]


def test_a_child_process_makes_its_own(monkeypatch):
    valkey.ask(("GET", "a"))
    pool = get_redis_connection("default").connection_pool
    parents, pid = pool._kept.line, os.getpid()
    monkeypatch.setattr("apps.core.valkey.os.getpid", lambda: pid + 1)
    valkey.ask(("GET", "a"))
    assert pool._kept.line is not parents
