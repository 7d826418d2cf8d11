"""docs/operations.md against the code: every variable with its defaults, every time-out."""

import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from apps.observability import health
from config import env, gunicorn
from config.components import database, redis

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text()
ELSEWHERE = {
    "ANDON_ADMIN_PASSWORD": "apps/installation/management/commands/set_up.py",
    "ANDON_BIND": "config/gunicorn.py",
    "ANDON_PORT": "bin/launcher/settings.py",
    "DJANGO_SETTINGS_MODULE": "manage.py",
}


def table(heading):
    """Return the rows of the first table under a heading, without its head."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


@pytest.fixture
def defaults(bare_environ):
    """What config/env.py falls back to, by place and variable; `...` where it is required."""
    found = {}
    sealed = env._sealed

    def record(variables):
        missing = dict.fromkeys(variables._errors, ...)
        found[place] = {**variables._values, **missing}
        return sealed(variables)

    bare_environ.delenv("ANDON_DATA")
    bare_environ.setenv("CELERY_BROKER_URL", "redis://h/8")  # Asked for once the cache is known.
    bare_environ.setattr(env, "_sealed", record)
    bare_environ.setattr(env._Variables, "read_env", lambda *_args, **_kwargs: False)
    for place in ("development", "production"):
        with pytest.raises(ImproperlyConfigured):
            env.read(production=place == "production")
    return found


def words(default):
    """Return a default as the page has it."""
    if default is ...:
        return "required"
    if default in ("", [], None):
        return "none"
    text = ",".join(default) if isinstance(default, list) else str(default)
    return f"`{text.lower() if isinstance(default, bool) else text}`"


def test_the_page_has_every_variable_and_no_other(defaults):
    read = {*defaults["development"], *defaults["production"]}
    assert {row[0].strip("`") for row in table("Variables")} == read | set(ELSEWHERE)


@pytest.mark.parametrize(("name", "file"), ELSEWHERE.items())
def test_variables_from_elsewhere_are_read_there(name, file):
    assert f'"{name}"' in (ROOT / file).read_text()


def test_the_page_has_the_defaults_of_both_places(defaults):
    in_words = {
        "SECRET_KEY": ("one known to everyone", "required"),
        "ANDON_DATA": ("`var/`", "`var/`"),
        "CELERY_BROKER_URL": ("beside `REDIS_URL`", "beside `REDIS_URL`"),
        "DEBUG": ("not read", "`false`"),
    }
    for quoted, development, production, _meaning in table("Variables"):
        name = quoted.strip("`")
        if name in ELSEWHERE:
            continue
        expected = in_words.get(name) or tuple(
            words(defaults[place][name]) for place in ("development", "production")
        )
        assert (development, production) == expected, name


def test_the_page_has_the_time_outs(bare_environ):
    bare_environ.setenv("DATABASE_URL", "postgresql://h/andon")
    bare_environ.setenv("REDIS_URL", "redis://h/0")
    environment = env.read(production=False)
    options = database.databases(environment)["default"]["OPTIONS"]
    idle = re.search(r"idle_in_transaction_session_timeout=(\d+)000", options["options"])
    nginx = (ROOT / "docker" / "nginx.conf").read_text()
    queue = redis.celery(environment)
    assert [float(row[1]) for row in table("Time-outs")] == [
        redis.REDIS_TIMEOUT,
        database.LOCK_TIMEOUT,
        options["connect_timeout"],
        environment.pool_timeout,
        environment.statement_timeout,
        float(idle[1]),
        float(re.search(r"proxy_read_timeout (\d+)s", nginx)[1]),
        gunicorn.graceful_timeout,
        queue["CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT"],
        redis.TASK_TIME_LIMIT,
    ]
    assert queue["CELERY_TASK_TIME_LIMIT"] - queue["CELERY_TASK_SOFT_TIME_LIMIT"] == 60


@pytest.mark.django_db
def test_the_page_speaks_of_every_check_of_readiness():
    assert {row[0].strip("`") for row in table("When it is not ready")} == set(
        health.check_readiness()
    )
