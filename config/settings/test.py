"""Tests: the real PostgreSQL and Valkey, quick passwords, no instruments."""

import os

from config.components.compose import compose
from config.env import read
from config.settings.base import *  # noqa: F403 - settings are layered by their names
from config.settings.base import INSTALLED_APPS as PRODUCT

# Parallel test processes clear their caches between tests, each its own.
_worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
if _worker and "REDIS_URL" in os.environ:
    os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].partition('?')[0]}?db={1 + int(_worker)}"

DEBUG = False
globals().update(compose(read(production=False), hashed=False, structured=False))
INSTALLED_APPS = [*PRODUCT, "apps.demo"]
ANDON_ALLOWS_DEMO = True  # Production sets nothing, and so refuses it.
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

for _database in globals()["DATABASES"].values():
    _database["CONN_MAX_AGE"] = 0  # No thread of a live server keeps one.
    if _worker and "ANDON_COPIES" in os.environ:  # Migrating takes ten times as long as copying.
        _database["TEST"] = {"TEMPLATE": f"test_{_database['NAME']}"}
