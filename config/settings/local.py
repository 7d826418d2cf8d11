"""A developer's own machine: debugging on, instruments in."""

from config.components.compose import compose
from config.components.instruments import instruments
from config.env import read
from config.settings.base import *  # noqa: F403 - settings are layered by their names
from config.settings.base import INSTALLED_APPS, MIDDLEWARE

DEBUG = True
_env = read(production=False)
globals().update(compose(_env, hashed=False, structured=False))
globals().update(instruments(_env, INSTALLED_APPS, MIDDLEWARE))
INTERNAL_IPS = ["127.0.0.1"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
INSTALLED_APPS = [*INSTALLED_APPS, "apps.demo"]
ANDON_ALLOWS_DEMO = True  # Production sets nothing, and so refuses it.
