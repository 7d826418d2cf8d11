"""Nothing around the view."""

from benchmarks.settings import *  # noqa: F403 - settings are layered by their names

MIDDLEWARE = []
ROOT_URLCONF = "benchmarks.hello.urls"
