"""DATABASES: time-outs on every connection, a pool in web processes only."""

import pytest
from django.db import connection

from config.components.database import databases, owner
from config.env import read


def options(environ, process="command", **variables):
    environ.setenv("ANDON_PROCESS", process)
    for name, value in variables.items():
        environ.setenv(name, value)
    database = databases(read(production=True))["default"]
    return database, database["OPTIONS"]


def test_a_web_process_pools_by_its_variables(production_environ):
    database, said = options(production_environ, "web", DB_POOL_RECYCLE="900")
    assert said["pool"] == {"min_size": 8, "max_size": 24, "timeout": 30, "max_lifetime": 900}
    assert database["CONN_MAX_AGE"] == 0  # Django refuses a pool otherwise.
    # Its connections are checked by the backend, the others by Django.
    assert (database["ENGINE"], database["CONN_HEALTH_CHECKS"]) == ("apps.core.postgresql", False)


@pytest.mark.parametrize("process", ["worker", "beat", "command"])
def test_no_other_process_pools(production_environ, process):
    database, said = options(production_environ, process)
    assert "pool" not in said
    assert database["CONN_HEALTH_CHECKS"] is True
    assert said["application_name"] == f"andon-{process}"


def test_options_of_the_address_are_kept_beside_ours(production_environ):
    url = "postgresql://h/andon?sslmode=verify-full&options=-c%20search_path%3Dandon"
    _database, said = options(production_environ, DATABASE_URL=url)
    assert said["sslmode"] == "verify-full"
    assert said["options"].endswith("-c search_path=andon")
    assert "-c statement_timeout=30000" in said["options"]


def test_the_owner_signs_in_with_the_same_time_outs_and_an_address_of_its_own(production_environ):
    url = "postgresql://o:w@direct.example:6432/andon?sslmode=require"
    production_environ.setenv("DATABASE_OWNER_URL", url)
    said = owner(read(production=True))
    assert said == {
        "USER": "o",
        "PASSWORD": "w",
        "HOST": "direct.example",
        "PORT": 6432,
        "OPTIONS": said["OPTIONS"],
    }
    application = databases(read(production=True))["default"]["OPTIONS"]
    assert said["OPTIONS"] == application | {"sslmode": "require"}


def test_without_an_owner_nobody_else_signs_in(production_environ):
    assert owner(read(production=True)) is None


def test_the_statement_timeout_can_be_lifted_for_a_migration(production_environ):
    _database, said = options(production_environ, DB_STATEMENT_TIMEOUT="0")
    assert "-c statement_timeout=0 -c lock_timeout=5000" in said["options"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("statement_timeout", "30s"),
        ("lock_timeout", "5s"),
        ("idle_in_transaction_session_timeout", "1min"),
    ],
)
def test_postgresql_has_the_time_outs(db, name, expected):
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        assert cursor.fetchone() == (expected,)
