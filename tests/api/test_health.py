"""How the installation is: for staff to see, for administrators to act on."""

from dataclasses import replace

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import override_settings
from psycopg_pool import ConnectionPool

from apps.background import heartbeats
from apps.core import limits
from apps.core.cache import CachedRead, Per, moments, statistics
from apps.observability import entries, health, pool
from config.components.redis import QUEUES
from tests.factories import number

pytestmark = pytest.mark.django_db

NOWHERE = {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/at/all.sock"}
READS = ("health/", "health/db/", "health/db/test/", "health/cache/")
CLEAR = "health/cache/clear/"


@pytest.fixture
def administering(program):
    return program("administrator")


@pytest.fixture
def pooled(monkeypatch):
    """A pool as a web process keeps one, over the tests' own database."""
    params = connection.get_connection_params()
    for name in ("cursor_factory", "context", "pool", "prepare_threshold"):
        params.pop(name, None)
    with ConnectionPool(kwargs=params, min_size=1, max_size=4, open=True) as kept:
        kept.wait()
        monkeypatch.setattr(health, "pool_of_process", lambda: kept)
        monkeypatch.setattr(pool, "pool_of_process", lambda: kept)
        yield kept


@pytest.fixture
def valkey_away():
    with override_settings(CACHES={"default": NOWHERE}):
        yield


def test_health_is_not_for_everybody(client, program):
    for path in READS:
        assert client.get(f"/api/v1/{path}").status_code == 401
        refused = program("operator").get(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
        assert program("viewer").get(path).status_code == 200
    assert client.post(f"/api/v1/{CLEAR}").status_code == 401


def test_only_administrators_clear_the_cache(program, administering):
    cache.set("accounts.one", 1)
    for role in ("operator", "viewer", "planner", "manager"):
        refused = program(role).post(CLEAR, {"prefix": ""})
        assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    assert cache.get("accounts.one") == 1
    assert administering.post(CLEAR, {"prefix": "accounts."}).status_code == 200
    assert cache.get("accounts.one") is None


@pytest.mark.parametrize("path", READS)
def test_unknown_parameters_are_refused_by_name(planning, path):
    answer = planning.get(f"{path}?colour=red")

    assert answer.status_code == 400
    assert [each["parameter"] for each in answer.json()["errors"]] == ["colour"]


def test_health_says_what_it_checked(planning):
    heartbeats.tell("worker", "ada")
    heartbeats.tell("beat", "ada")
    told = planning.get("health/").json()

    assert told["status"] == "ok", told["warnings"]
    assert told["checks"] == dict.fromkeys(("database", "migrations", "cache", "broker"), "ok")
    assert [each["name"] for each in told["queues"]] == list(QUEUES)
    assert [(each["name"], each["is_alive"]) for each in told["workers"]] == [("ada", True)]
    assert [each["name"] for each in told["beats"]] == ["ada"]
    assert told["disks"][0]["total_bytes"] > told["disks"][0]["free_bytes"] > 0
    assert told["counters"].keys() == {"backlog", "differences", "checked_at"}


def test_what_is_wrong_is_told_with_what_to_do(planning):
    told = planning.get("health/").json()

    assert told["status"] == "warning"
    assert [each["code"] for each in told["warnings"]] == ["no_worker", "no_beat"]
    assert all(each["detail"] and each["advice"] for each in told["warnings"])


def test_without_valkey_health_still_answers(planning, valkey_away):
    told = planning.get("health/").json()

    assert (told["status"], told["workers"]) == ("unavailable", None)


def test_health_names_what_is_wrong(planning, monkeypatch):
    checks = {"database": None, "migrations": None, "cache": None, "broker": "OperationalError"}
    monkeypatch.setattr(health, "check_readiness", lambda: checks)

    told = planning.get("health/").json()

    assert told["status"] == "unavailable"
    assert told["checks"] == dict.fromkeys(checks, "ok") | {"broker": "OperationalError"}


def test_a_process_without_a_pool_says_so(planning):
    told = planning.get("health/db/").json()

    server = told.pop("server")
    assert told == {"status": "ok", "pool_stats": None, "warnings": []}
    assert 1 <= server["ours"] <= server["in_use"] < server["admitted"]


def test_a_pool_tells_who_uses_it(planning, pooled):
    idle = planning.get("health/db/").json()
    with pooled.connection(), pooled.connection():
        busy = planning.get("health/db/").json()

    assert (idle["status"], idle["warnings"]) == ("ok", [])
    assert idle["pool_stats"] == {
        "min_connections": 1,
        "max_connections": 4,
        "available": 1,
        "in_use": 0,
        "total": 1,
        "waiting": 0,
        "requests": 0,
        "queued": 0,
        "average_wait_ms": 0.0,
    }
    assert (busy["pool_stats"]["in_use"], busy["pool_stats"]["available"]) == (2, 0)


def test_a_pool_in_use_beyond_four_fifths_is_a_warning(planning, pooled):
    with pooled.connection(), pooled.connection(), pooled.connection():
        assert planning.get("health/db/").json()["status"] == "ok"  # 3 of 4.
        with pooled.connection():
            told = planning.get("health/db/").json()

    assert told["status"] == "warning"
    assert [each["code"] for each in told["warnings"]] == ["pool_full"]
    assert "4 of at most 4" in told["warnings"][0]["detail"]
    assert "DB_POOL_MAX_CONNECTIONS" in told["warnings"][0]["advice"]


def test_who_waits_and_for_how_long_is_a_warning(planning, pooled, monkeypatch):
    said = {"pool_min": 1, "pool_max": 4, "pool_size": 4, "pool_available": 4}
    waited = {"requests_waiting": 2, "requests_num": 10, "requests_wait_ms": 510}
    waited |= {"requests_queued": 4}
    monkeypatch.setattr(pooled, "get_stats", lambda: said | waited)

    told = planning.get("health/db/").json()

    assert [each["code"] for each in told["warnings"]] == ["pool_waiting", "pool_slow"]
    stats = told["pool_stats"]
    assert (stats["waiting"], stats["queued"], stats["average_wait_ms"]) == (2, 4, 51.0)
    assert "51 ms" in told["warnings"][1]["detail"]


def test_pools_that_open_more_than_the_server_admits_are_a_warning(planning, settings):
    settings.ANDON = replace(settings.ANDON, pool_max=10_000)

    told = planning.get("health/db/").json()

    assert (told["status"], told["warnings"][0]["code"]) == ("warning", "andon_e002")
    assert "the database admits" in told["warnings"][0]["detail"]
    assert "max_connections" in told["warnings"][0]["advice"]


def test_a_server_nearly_full_is_a_warning(planning, monkeypatch):
    full = pool.ServerConnections(in_use=90, ours=3, admitted=97)
    monkeypatch.setattr(pool, "_ask_server", lambda: full)

    told = planning.get("health/db/").json()

    assert [each["code"] for each in told["warnings"]] == ["server_full"]
    assert "90 of the 97" in told["warnings"][0]["detail"]


def test_the_database_is_asked_over_another_connection_of_the_pool(planning, pooled):
    taken = pooled.get_stats().get("requests_num", 0)

    told = planning.get("health/db/test/").json()

    assert told["status"] == "ok"
    assert 0 <= told["acquired_ms"] < 1_000 * health.PATIENCE
    assert 0 < told["answered_ms"] < 30_000
    assert pooled.get_stats()["requests_num"] == taken + 1


def test_a_pool_that_gives_none_is_answered_with_503(planning, pooled, monkeypatch):
    monkeypatch.setattr(health, "PATIENCE", 0.05)
    with pooled.connection(), pooled.connection(), pooled.connection(), pooled.connection():
        answer = planning.get("health/db/test/")

        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        assert answer.json()["code"] == "unavailable"
        with pytest.raises(OperationalError):
            health.ask_database()


def test_entries_are_counted_below_a_prefix(planning):
    for n in range(3):
        cache.set(f"one.{n}", n)
    cache.set("two.*", 1)
    cache.set("for ever", 1, timeout=None)

    def told(prefix):
        return planning.get(f"health/cache/?prefix={prefix}").json()["cache_stats"]

    assert (told("one.")["total_entries"], told("two.")["total_entries"]) == (3, 1)
    assert told("o*")["total_entries"] == 0  # A prefix, no pattern.
    assert told("two.*")["total_entries"] == 1
    every = planning.get("health/cache/").json()
    assert every["status"] == "ok"
    stats = every["cache_stats"]
    assert stats["total_entries"] >= 5
    assert stats["active_entries"] + stats["expired_entries"] == stats["total_entries"]
    assert 0 <= stats["hit_rate"] <= 1
    assert stats["is_complete"] is True


def test_what_is_over_when_it_is_looked_at_counts_as_expired(planning, monkeypatch):
    cache.set_many({"one.1": 1, "one.2": 2})
    batches = entries._Walk.batches

    def and_then_one_goes(walk):
        for keys in batches(walk):
            cache.delete("one.1")
            yield keys

    monkeypatch.setattr(entries._Walk, "batches", and_then_one_goes)
    stats = planning.get("health/cache/?prefix=one.").json()["cache_stats"]

    counted = [stats[f"{name}_entries"] for name in ("total", "active", "expired")]
    assert counted == [2, 1, 1]


def test_each_read_is_told_by_its_name(planning):
    read = CachedRead(f"tests.told{number()}", str, per=Per.USER, ttl_seconds=60)
    for key in (1, 1, 1, 2):
        read(key)
    stats = planning.get(f"health/cache/?prefix={read.name}").json()["cache_stats"]
    every = planning.get("health/cache/").json()["cache_stats"]

    assert stats["reads"] == [
        {
            "name": read.name,
            "per": "user",
            "ttl_seconds": 60,
            "entries": 2,
            "hits": 2,
            "misses": 2,
            "hit_rate": 0.5,
        }
    ]
    assert (stats["hits"], stats["misses"], stats["hit_rate"]) == (2, 2, 0.5)
    assert every["hits"] > 2
    assert {"shop.settings", "accounts.role_permissions"} < {one["name"] for one in every["reads"]}


def test_what_was_counted_while_valkey_was_away_is_told_later(planning, settings):
    read = CachedRead(f"tests.kept{number()}", str)
    reached = settings.CACHES
    settings.CACHES = {"default": NOWHERE}
    read(1)
    statistics._tally.tell()
    settings.CACHES = reached
    assert statistics.rates()[read.name].misses == 1


def test_sessions_are_neither_counted_nor_cleared(administering):
    """Who could count keys by what they begin with could spell a session's key out."""
    session = administering.client.session
    assert cache.get(session.cache_key) is not None
    administering.get("health/")

    counted = administering.get(f"health/cache/?prefix={session.cache_key[:-3]}").json()
    for prefix in ("", "d", "django.", session.cache_key):
        administering.post(CLEAR, {"prefix": prefix})

    assert counted["cache_stats"]["total_entries"] == 0
    assert cache.get(session.cache_key) is not None
    assert administering.get("health/").status_code == 200


def test_rate_limits_are_out_of_reach(administering):
    limit = limits.Limit("tries", 100, 3_600)
    left = limits.hit(limit, "me").remaining

    for prefix in ("", "andon", "../", "limits", ":limits"):
        administering.post(CLEAR, {"prefix": prefix})

    assert limits.hit(limit, "me").remaining == left - 1


def test_what_was_cleared_is_read_anew(administering):
    loads = []
    read = CachedRead(f"tests.cleared{number()}.", lambda key: loads.append(key) or key)
    read(1)
    read(1)
    cache.set("tests.kept", 1)

    pulses = cache.get_many([moments.RECORDS, moments.WRITES])
    told = administering.post(CLEAR, {"prefix": read.name}).json()
    read(1)

    assert told == {"status": "ok", "cleared": 2, "is_complete": True}
    assert loads == [1, 1]
    assert cache.get("tests.kept") == 1
    now = cache.get_many([moments.RECORDS, moments.WRITES])  # So memory counts for nothing.
    assert [now[name] != pulses.get(name) for name in sorted(now)] == [True, True]


def test_a_walk_ends_however_many_keys_there_are(administering, monkeypatch):
    monkeypatch.setattr(entries, "BATCH", 1)
    monkeypatch.setattr(entries, "BATCHES_AT_MOST", 2)
    cache.set_many({f"one.{n}": n for n in range(200)})

    counted = administering.get("health/cache/?prefix=one.").json()["cache_stats"]
    cleared = administering.post(CLEAR, {"prefix": "one."}).json()

    assert (counted["is_complete"], cleared["is_complete"]) == (False, False)
    assert counted["total_entries"] < 200


@pytest.mark.parametrize(
    "sent", [{}, {"prefix": None}, {"prefix": "a" * 201}, {"prefix": 1, "x": 1}]
)
def test_a_prefix_must_be_said(administering, sent):
    assert administering.post(CLEAR, sent).status_code == 400


@pytest.mark.parametrize("prefix", ["*", "[", "\\", "%00", "é", "a b", "%0d%0aFLUSHALL", "a" * 200])
def test_no_prefix_is_too_much(planning, prefix):
    assert planning.get(f"health/cache/?prefix={prefix}").status_code in (200, 400)


def test_without_valkey_the_cache_is_said_to_be_away(administering, valkey_away):
    for answer in (administering.get("health/cache/"), administering.post(CLEAR, {"prefix": ""})):
        assert (answer.status_code, answer.json()["code"]) == (503, "cache_away")


def test_health_costs_no_more_queries_than_it_says(planning, django_assert_num_queries):
    for path, queries in (("health/db/", 2), ("health/db/test/", 1), ("health/cache/", 0)):
        planning.get(path)
        with django_assert_num_queries(queries):
            planning.get(path)
