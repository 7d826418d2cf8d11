"""The environment: what is read, what is refused, and that all faults come in one message."""

import os

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.env import LOCAL_SECRET, read

SERVERS = """\
DATABASE_URL=postgresql://file/andon
DATABASE_OWNER_URL=postgresql://owner@file/andon
REDIS_URL=unix:///file.sock
"""
OWNER = "postgresql://andon_owner:another@db.example:5432/andon"


def faults(*, production):
    """Read, and return what each variable is said to be wrong for."""
    with pytest.raises(ImproperlyConfigured) as refused:
        read(production=production)
    lines = str(refused.value).splitlines()
    return dict(line.strip().split(": ", 1) for line in lines if line.startswith("  "))


def write_servers(folder):
    (folder / "run").mkdir()
    (folder / "run" / "servers.env").write_text(SERVERS)


def test_production_starts_with_four_variables(production_environ):
    assert read(production=True).allowed_hosts == ["andon.example"]


def test_production_names_every_missing_variable_at_once(bare_environ):
    assert set(faults(production=True)) == {
        "SECRET_KEY",
        "ALLOWED_HOSTS",
        "DATABASE_URL",
        "REDIS_URL",
    }


def test_production_names_every_wrong_variable_at_once(bare_environ):
    wrong = {
        "ALLOWED_HOSTS": "*",
        "ANDON_PROCESS": "wbe",
        "CELERY_BROKER_URL": "amqp://broker.example",
        "CORS_ALLOWED_ORIGINS": "*",
        "CSRF_TRUSTED_ORIGINS": "andon.example",
        "DATABASE_OWNER_URL": "mysql://db.example/andon",
        "DATABASE_URL": "mysql://db.example/andon",
        "DB_POOL_MAX_CONNECTIONS": "many",
        "DB_POOL_MIN_CONNECTIONS": "few",
        "DB_POOL_RECYCLE": "-1",
        "DB_POOL_TIMEOUT": "0",
        "DB_STATEMENT_TIMEOUT": "-1",
        "DEBUG": "true",
        "EMAIL_PORT": "70000",
        "EMAIL_USE_TLS": "perhaps",
        "LOG_LEVEL": "LOUD",
        "RATE_LIMIT_ADDRESS": "none",
        "RATE_LIMIT_AUTH": "0",
        "RATE_LIMIT_USER": "-1",
        "REDIS_URL": "http://cache.example",
        "SECRET_KEY": "short",
        "SILK_PERCENT": "101",
        "TRUSTED_PROXIES": "nginx",
        "WEB_THREADS": "0",
        "WEB_WORKERS": "two",
    }
    for name, value in wrong.items():
        bare_environ.setenv(name, value)
    assert set(faults(production=True)) == set(wrong)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "1"),
        ("DEBUG", "*"),
        ("SECRET_KEY", LOCAL_SECRET),
        ("SECRET_KEY", "x" * 49),
        ("SECRET_KEY", "x" * 60),
        ("SECRET_KEY", "django-insecure-" + "abcdefghij" * 5),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "andon.example,*"),
        ("ALLOWED_HOSTS", "https://andon.example"),
        ("ALLOWED_HOSTS", "andon.example:8000"),
        ("ALLOWED_HOSTS", "andon.example,"),
        ("CSRF_TRUSTED_ORIGINS", "http://andon.example"),
        ("CSRF_TRUSTED_ORIGINS", "https://andon.example/path"),
        ("CORS_ALLOWED_ORIGINS", "http://erp.example"),
        ("CORS_ALLOWED_ORIGINS", "https://erp.example/"),
        ("TRUSTED_PROXIES", "*"),
        ("TRUSTED_PROXIES", "10.0.0.7/24"),
        ("TRUSTED_PROXIES", "0.0.0.0/0"),
        ("TRUSTED_PROXIES", "10.0.0.7,"),
        ("DATABASE_URL", "sqlite:///andon.db"),
        ("DATABASE_URL", "postgresql://db.example"),
        ("DATABASE_URL", "postgresql://db.example:port/andon"),
        ("DATABASE_URL", "postgresql://[::1/andon"),
        ("DATABASE_URL", "andon"),
        ("DATABASE_OWNER_URL", "postgresql://db.example"),
        ("DATABASE_OWNER_URL", "postgresql://db.example/another"),
        ("REDIS_URL", "redis:///1"),
        ("REDIS_URL", "redis://cache.example:port/1"),
        ("REDIS_URL", "redis://cache.example/one"),
        ("REDIS_URL", "unix://"),
        ("CELERY_BROKER_URL", "unix:///valkey.sock"),
        ("CELERY_BROKER_URL", "redis://cache.example/0"),
        ("CELERY_BROKER_URL", "redis://cache.example"),
        ("DB_POOL_MIN_CONNECTIONS", "0"),
        ("DB_POOL_MIN_CONNECTIONS", "25"),
    ],
)
def test_production_refuses(production_environ, name, value):
    production_environ.setenv(name, value)
    assert list(faults(production=True)) == [name]


def test_without_an_owners_address_there_is_one_role(production_environ):
    assert read(production=True).database_owner is None


def test_commands_know_the_owner(production_environ):
    production_environ.setenv("DATABASE_OWNER_URL", OWNER)
    owner = read(production=True).database_owner
    assert (owner["USER"], owner["PASSWORD"]) == ("andon_owner", "another")


@pytest.mark.parametrize("production", [True, False])
@pytest.mark.parametrize("process", ["web", "worker", "beat"])
def test_what_serves_refuses_the_owners_password(production_environ, process, production):
    production_environ.setenv("ANDON_PROCESS", process)
    production_environ.setenv("DATABASE_OWNER_URL", OWNER)
    assert faults(production=production) == {
        "DATABASE_OWNER_URL": f"is for commands, and not for the {process} process"
    }


def test_debug_may_be_set_to_false_in_production(production_environ):
    production_environ.setenv("DEBUG", "False")
    assert read(production=True)


def test_several_hosts_may_have_spaces_and_leading_dots(production_environ):
    production_environ.setenv("ALLOWED_HOSTS", "andon.example, .shop.example, 10.0.0.7, [::1]")
    expected = ["andon.example", ".shop.example", "10.0.0.7", "[::1]"]
    assert read(production=True).allowed_hosts == expected


def test_production_never_reads_the_servers_of_bin_up(bare_environ, tmp_path):
    write_servers(tmp_path)
    assert {"DATABASE_URL", "REDIS_URL"} <= set(faults(production=True))


def test_development_works_from_the_servers_of_bin_up(bare_environ, tmp_path):
    write_servers(tmp_path)
    environment = read(production=False)
    assert environment.database["HOST"] == "file"
    assert environment.redis_url == "unix:///file.sock"
    assert environment.secret_key == LOCAL_SECRET


def test_what_is_set_goes_before_the_servers_of_bin_up(bare_environ, tmp_path):
    write_servers(tmp_path)
    bare_environ.setenv("DATABASE_URL", "postgresql://set/andon")
    environment = read(production=False)
    assert environment.database["HOST"] == "set"
    assert environment.redis_url == "unix:///file.sock"


def test_development_knows_the_owner_of_the_servers_of_bin_up(bare_environ, tmp_path):
    write_servers(tmp_path)
    assert read(production=False).database_owner["USER"] == "owner"


@pytest.mark.parametrize("process", ["web", "worker", "beat"])
def test_what_serves_leaves_the_owner_of_the_servers_of_bin_up_alone(
    bare_environ, tmp_path, process
):
    write_servers(tmp_path)
    bare_environ.setenv("ANDON_PROCESS", process)
    assert read(production=False).database_owner is None


def test_the_owner_of_the_servers_of_bin_up_is_of_no_use_elsewhere(bare_environ, tmp_path):
    write_servers(tmp_path)
    bare_environ.setenv("DATABASE_URL", "postgresql://set/andon")
    assert read(production=False).database_owner is None


def test_a_variable_set_to_nothing_counts_as_not_set(bare_environ, tmp_path):
    write_servers(tmp_path)
    for name in ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "WEB_WORKERS", "LOG_LEVEL"):
        bare_environ.setenv(name, "")
    environment = read(production=False)
    assert environment.database["HOST"] == "file"
    assert (environment.web_workers, environment.log_level) == (2, "INFO")


def test_development_without_servers_says_where_they_would_come_from(bare_environ):
    with pytest.raises(ImproperlyConfigured, match="bin/up"):
        read(production=False)


def test_an_unreadable_debug_of_another_program_does_not_matter_to_the_developer(
    bare_environ, tmp_path
):
    write_servers(tmp_path)
    bare_environ.setenv("DEBUG", "express:*")
    assert read(production=False)


def test_nothing_read_from_the_file_leaks_into_the_process(bare_environ, tmp_path):
    write_servers(tmp_path)
    read(production=False)
    assert "DATABASE_URL" not in os.environ


@pytest.mark.parametrize(
    ("production", "expected"), [(True, (8, 24, 30, 3600)), (False, (2, 10, 30, 3600))]
)
def test_the_pool_has_its_defaults(production_environ, production, expected):
    environment = read(production=production)
    pool = (
        environment.pool_min,
        environment.pool_max,
        environment.pool_timeout,
        environment.pool_recycle,
    )
    assert pool == expected


def test_the_pool_is_what_its_variables_say(production_environ):
    for name, value in {
        "DB_POOL_MIN_CONNECTIONS": "3",
        "DB_POOL_MAX_CONNECTIONS": "5",
        "DB_POOL_TIMEOUT": "7",
        "DB_POOL_RECYCLE": "900",
    }.items():
        production_environ.setenv(name, value)
    environment = read(production=True)
    assert (environment.pool_min, environment.pool_max) == (3, 5)
    assert (environment.pool_timeout, environment.pool_recycle) == (7, 900)
