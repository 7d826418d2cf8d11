"""The Dockerfile: only what production needs, nothing that builds, nobody's root."""

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

from config.env import read

ROOT = Path(__file__).parents[2]
BUILDS = re.compile(r"\b(gcc|g\+\+|make|build-essential|[\w-]+-dev|apt-get|apk)\b")


def stages(dockerfile):
    """Return each stage's instructions, by its name; the last one is ``final``."""
    found, current = {}, None
    for word, rest in dockerfile:
        if word == "FROM":
            current = rest.split(" AS ")[-1] if " AS " in rest else "final"
            found[current] = []
        found[current].append((word, rest))
    return found


def said(stage, wanted):
    return [rest for word, rest in stage if word == wanted]


def test_the_image_is_python_3_13_throughout(dockerfile):
    bases = {rest.split(" AS ")[0] for rest in said(dockerfile, "FROM")}
    assert bases == {"python:3.13-slim", "python", "packages"}


def test_nothing_that_compiles_is_installed(dockerfile):
    assert not any(BUILDS.search(command) for command in said(dockerfile, "RUN"))
    install = next(command for command in said(dockerfile, "RUN") if "pip" in command)
    assert {"--require-hashes", "--only-binary=:all:"} <= set(install.split())
    assert said(stages(dockerfile)["packages"], "COPY") == ["requirements/base.txt /tmp/base.txt"]


def test_the_final_stage_takes_packages_and_application_and_runs_as_nobody_else(dockerfile):
    final = stages(dockerfile)["final"]
    assert said(final, "COPY") == [
        "--from=packages /opt/venv /opt/venv",
        "--from=application /srv/andon /srv/andon",
    ]
    assert said(final, "USER") == ["10001:10001"]
    assert not any("chown -R" in command for command in said(final, "RUN"))


def test_the_final_stage_knows_how_it_is_asked_and_stopped(dockerfile):
    final = stages(dockerfile)["final"]
    assert "/health/" in said(final, "HEALTHCHECK")[0]
    assert said(final, "STOPSIGNAL") == ["SIGTERM"]


def test_the_variables_of_the_image_are_known(dockerfile, known_variables):
    final = " ".join(said(stages(dockerfile)["final"], "ENV"))
    names = set(re.findall(r"(\w+)=", final))
    assert names <= known_variables
    assert "DJANGO_SETTINGS_MODULE=config.settings.production" in final


def test_no_secret_stays_in_the_image(dockerfile):
    kept = " ".join(said(dockerfile, "ENV") + said(dockerfile, "ARG"))
    assert not re.search(r"SECRET|PASSWORD|URL", kept)


def test_collectstatic_has_all_that_production_needs(dockerfile, monkeypatch):
    """The build's throwaway variables are enough for config/env.py."""
    command = next(each for each in said(dockerfile, "RUN") if "collectstatic" in each)
    given = dict(re.findall(r"([A-Z_]+)=(\S+)", command))
    for name in ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SECRET_KEY", "0123456789abcdef" * 4)  # Made at the build.
    assert "token_urlsafe(60)" in command
    assert read(production=True).data_dir == Path("/srv/andon/var")


@pytest.fixture
def ignored():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def is_sent(path, ignored):
    """Return whether the build sees a file: the last rule that fits it or its folder decides."""
    parts = path.split("/")
    prefixes = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
    sent = True
    for rule in ignored:
        pattern = rule.lstrip("!").removeprefix("**/")
        candidates = parts if "**/" in rule else prefixes
        if any(fnmatch(candidate, pattern) for candidate in candidates):
            sent = rule.startswith("!")
    return sent


@pytest.mark.parametrize(
    "path",
    [
        "manage.py",
        "config/wsgi.py",
        "config/settings/production.py",
        "apps/jobs/models/steps.py",
        "requirements/base.txt",
        "static/core/base.css",
        "templates/base.html",
    ],
)
def test_the_build_sees_what_production_needs(ignored, path):
    assert (ROOT / path).exists()
    assert is_sent(path, ignored)


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        "docker/.env",
        "docker/tls/key.pem",
        "var/run/servers.env",
        ".venv/bin/python",
        "tests/conftest.py",
        "requirements/test.txt",
        "apps/demo/apps.py",
        "apps/jobs/__pycache__/models.cpython-313.pyc",
        "config/settings/local.py",
    ],
)
def test_the_build_sees_no_secret_and_nothing_of_development(ignored, path):
    assert not is_sent(path, ignored)
