"""Valkey goes and comes: nothing breaks, nothing stays wrong, and it is found again by itself."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.db import connection

from apps.core import valkey
from apps.core.cache import CachedRead, StateRead, one_moment
from apps.core.cache.outages import EPOCH
from tests.factories import make_customer, make_user, number
from tests.observability.serving import Client, database_urls, environ, serving
from tests.observability.valkeys import own_valkey

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ASKERS = 4
BOARD = ("/", "/api/v1/dashboard/stats/", "/api/v1/dashboard/recent-jobs/", "/api/v1/auth/me/")


@pytest.fixture
def server(settings):
    with own_valkey() as own:
        settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": own.url()}}
        yield own


def wait_until(holds):
    deadline = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_change_that_valkey_was_not_told_counts_when_it_is_back(committed, server):
    """It keeps its data meanwhile, as behind a network that was cut."""
    values = iter(["before", "after"])
    read = CachedRead(f"tests.cut{number()}", lambda _key: next(values))
    assert read(1) == "before"
    server.hang()
    read.renew(1)
    server.go_on()
    wait_until(lambda: cache.get(EPOCH))
    assert read(1) == "after"


def test_what_one_could_not_tell_makes_all_others_read_anew(committed, server):
    loads = []
    others = CachedRead(f"tests.others{number()}", lambda key: loads.append(key) or key)
    with one_moment():
        others(1)
    server.hang()
    CachedRead(f"tests.lost{number()}", str).renew(1)
    server.go_on()

    wait_until(lambda: cache.get(EPOCH))
    for _ in range(2):
        with one_moment():
            others(1)
    assert len(loads) == 2


def test_one_that_hangs_costs_one_time_out_and_then_nobody_waits(committed, server):
    read = StateRead(f"tests.hanging{number()}", str)
    with one_moment():
        read(1)
    server.hang()
    began = time.monotonic()
    for _ in range(20):
        with one_moment():
            assert read(1) == "1"
            assert cache.get("anything") is None
    assert time.monotonic() - began < 2 * valkey.PAUSE
    server.go_on()
    wait_until(lambda: cache.set("there", 1) and cache.get("there") == 1)


def test_the_board_goes_on_while_valkey_is_flushed_stopped_and_started(committed, tmp_path):
    """Two web processes under load; no answer is a fault, and what was written is told."""
    user = make_user("planner", username="planner")
    customer = make_customer()
    with own_valkey() as server:
        env = environ(
            "config.settings.test",
            **database_urls(connection.settings_dict["NAME"]),
            ANDON_DATA=str(tmp_path),
            REDIS_URL=server.url(),
            CELERY_BROKER_URL=server.broker,
            WEB_WORKERS="2",
            RATE_LIMIT_USER="1000000",
            DB_POOL_MIN_CONNECTIONS="2",
        )
        with serving(env, tmp_path / "web.log") as base:
            client = Client(base)
            client.sign_in(user.username)
            go_on = [True]

            def ask(place):
                seen = []
                while go_on[0]:
                    answer = client.get(BOARD[place % len(BOARD)])
                    seen.append((answer.status, answer.seconds))
                return seen

            with ThreadPoolExecutor(ASKERS) as threads:
                asking = [threads.submit(ask, place) for place in range(ASKERS)]
                for disturb in (
                    lambda: server.client().flushall(),
                    server.stop,
                    server.start,
                    server.hang,
                    server.go_on,
                    lambda: server.client().flushall(),
                ):
                    time.sleep(1.5)
                    disturb()
                time.sleep(2)
                go_on[0] = False
                seen = [each for asked in asking for each in asked.result()]
            statuses = {status for status, _ in seen}
            assert statuses == {200}, (tmp_path / "web.log").read_text()[-3000:]
            assert len(seen) > 20
            assert max(seconds for _, seconds in seen) < 10
            keys = server.client().keys("*")
            assert any(b"dashboards." in key for key in keys), keys  # Found again, and used.
    assert customer.pk
