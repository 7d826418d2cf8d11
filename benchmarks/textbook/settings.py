"""A new project's middleware and the stock templates, over Andon's servers, users and sessions.

Sessions in the cache, rights from the role and a connection pool are better than a tutorial's:
the textbook keeps them, so that the comparison is of what is done with a request.
"""

from benchmarks.settings import *  # noqa: F403 - settings are layered by their names
from benchmarks.settings import INSTALLED_APPS as OURS
from benchmarks.settings import TEMPLATES

INSTALLED_APPS = [*OURS, "rest_framework"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
REST_FRAMEWORK: dict[str, object] = {}  # As it comes.
TEMPLATES[0]["DIRS"] = []  # Ours change the admin's lists.
ROOT_URLCONF = "benchmarks.textbook.urls"
