"""A web process refuses an unfit database, and does not mind one that is away."""

import os
import subprocess
import sys
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, connections
from django.test import override_settings

from apps.shop.models import Shop
from config.start import require_sound_database

SAFE = {
    "SECRET_KEY": "kq3v9ZC1xW7nB5mL2pR8tY4uI6oA0sDfGhJkQwEeRrTtYyUuIiOo",
    "ALLOWED_HOSTS": "andon.example",
    "REDIS_URL": "redis://cache.example:6379/0",
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
}
IMPORT = [sys.executable, "-c", "import config.wsgi; print('started')"]


@pytest.fixture
def in_production():
    with override_settings():
        del settings.ANDON_ALLOWS_DEMO
        yield


def start(database_url: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Start the web process's module as production does."""
    environ = {"PATH": os.environ["PATH"], "DATABASE_URL": database_url} | SAFE | variables
    return subprocess.run(  # noqa: S603 - our own interpreter and module
        IMPORT, env=environ, capture_output=True, text=True, check=False, timeout=60
    )


def this_database() -> str:
    said = connection.settings_dict
    user, host = (quote(str(said[part]), safe="") for part in ("USER", "HOST"))
    password = f":{quote(said['PASSWORD'], safe='')}" if said["PASSWORD"] else ""
    port = f":{said['PORT']}" if said["PORT"] else ""
    return f"postgresql://{user}{password}@{host}{port}/{said['NAME']}"


@pytest.mark.django_db
def test_a_fit_database_is_taken(in_production, monkeypatch):
    monkeypatch.setattr(connections, "close_all", lambda: None)
    require_sound_database()


@pytest.mark.django_db
def test_outside_production_nothing_is_asked(django_assert_num_queries):
    Shop.objects.update(is_demo=True)
    with django_assert_num_queries(0):
        require_sound_database()


@pytest.mark.django_db
def test_the_demo_is_refused(in_production, monkeypatch):
    monkeypatch.setattr(connections, "close_all", lambda: None)
    Shop.objects.update(is_demo=True)
    with pytest.raises(ImproperlyConfigured, match=r"andon\.E001"):
        require_sound_database()


@pytest.mark.slow
def test_a_web_process_names_all_that_is_wrong_at_once(committed):
    Shop.objects.update(is_demo=True)
    refused = start(this_database(), DB_POOL_MAX_CONNECTIONS="90", WEB_WORKERS="4")
    assert refused.returncode != 0
    assert "andon.E001" in refused.stderr
    assert "andon.E002" in refused.stderr
    assert "started" not in refused.stdout


@pytest.mark.slow
@pytest.mark.django_db
def test_a_web_process_starts_on_a_fit_database_and_without_one(tmp_path):
    assert start(this_database()).stdout == "started\n"
    away = start(f"postgresql://andon@{quote(str(tmp_path), safe='')}/andon")
    assert away.stdout == "started\n"
    assert "cannot be reached yet" in away.stderr
