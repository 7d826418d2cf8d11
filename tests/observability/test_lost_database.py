"""A web process that loses its database says so, and finds it again by itself."""

import time

import pytest
from django.db import connection

from tests.observability.serving import Client, environ, serving
from tests.observability.wire import wire

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

RECOVERS_WITHIN = 30  # Seconds.
NAMED = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND application_name = %s"


def count_connections(process: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(NAMED, [connection.settings_dict["NAME"], f"andon-{process}"])
        return cursor.fetchone()[0]


@pytest.fixture
def line():
    with wire() as strung:
        yield strung


@pytest.fixture
def site(line, tmp_path):
    """A web process over the wire; a session that nobody has makes each page ask the database."""
    name = connection.settings_dict["NAME"]
    pool = {"DB_POOL_MIN_CONNECTIONS": "3", "DB_POOL_MAX_CONNECTIONS": "4", "DB_POOL_TIMEOUT": "2"}
    env = environ("config.settings.test", DATABASE_URL=line.address(name), **pool)
    with serving(env, tmp_path / "web.log") as base:
        yield Client(base)


def ask(client: Client):
    return client.get("/tasks/", Cookie="sessionid=of-nobody-who-ever-signed-in")


def test_the_loss_is_said_and_the_return_is_noticed(line, site, tmp_path):
    assert ask(site).status == 302  # To sign in: the database knows no such session.
    assert site.get("/health/ready/").status == 200

    line.cut()
    page, ready = ask(site), site.get("/health/ready/")
    assert (page.status, page.headers["Retry-After"]) == (503, "5")
    assert "Back in a moment" in page.body
    assert ready.status == 503
    assert '"migrations": "not known without the database"' in ready.body
    assert '"database": "ok"' not in ready.body
    assert site.get("/health/").status == 200
    assert page.seconds < 5
    assert ready.seconds < 5
    assert "Traceback" not in page.body + ready.body
    assert "503 for GET /tasks/" in (tmp_path / "web.log").read_text()

    line.mend()
    deadline = time.monotonic() + RECOVERS_WITHIN
    while ask(site).status != 302 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert ask(site).status == 302
    assert site.get("/health/ready/").status == 200


def test_a_web_process_keeps_a_pool_between_the_sizes_that_were_asked_for(site):
    assert ask(site).status == 302
    deadline = time.monotonic() + 10
    while count_connections("web") < 3 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert count_connections("web") in {3, 4}


def test_this_process_which_is_none_has_one_connection_with_the_time_outs():
    assert connection.pool is None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('statement_timeout'), current_setting('lock_timeout')"
        )
        assert cursor.fetchone() == ("30s", "5s")
