"""Tests: the real PostgreSQL and Valkey, quick passwords, no instruments."""

from config.components.compose import compose
from config.env import read
from config.settings.base import *  # noqa: F403 - settings are layered by their names
from config.settings.base import INSTALLED_APPS as PRODUCT

DEBUG = False
globals().update(compose(read(production=False), hashed=False, structured=False))
INSTALLED_APPS = [*PRODUCT, "apps.demo"]
ANDON_ALLOWS_DEMO = True  # Production sets nothing, and so refuses it.
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
