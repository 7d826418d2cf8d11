"""Developers' instruments, local only: Silk and the debug toolbar."""

from typing import Any

from apps.observability import silk
from config.env import Environment

SILK = "apps.observability.silk"
BODY_LIMIT = 64 * 1024  # Bytes; a longer body is left out.


def instruments(env: Environment, apps: list[str], middleware: list[str]) -> dict[str, Any]:
    """Return the settings that install the instruments over the given apps and middleware."""
    return {
        "INSTALLED_APPS": [*apps, "silk", "debug_toolbar"],
        "MIDDLEWARE": _with_instruments(middleware),
        **_silk(env),
        **_toolbar(),
    }


def _with_instruments(middleware: list[str]) -> list[str]:
    """Put Silk where static files and health are answered, the toolbar where users are known."""
    after = {
        "whitenoise.middleware.WhiteNoiseMiddleware": [
            f"{SILK}.SilkMiddleware",
            "silk.middleware.SilkyMiddleware",
        ],
        "apps.core.doors.AuthenticationMiddleware": [
            "debug_toolbar.middleware.DebugToolbarMiddleware"
        ],
    }
    # Silk looks for one of Django's own by its name.
    own = {
        "apps.core.doors.SessionMiddleware": "django.contrib.sessions.middleware.SessionMiddleware"
    }
    return [name for each in middleware for name in (own.get(each, each), *after.get(each, ()))]


def _silk(env: Environment) -> dict[str, Any]:
    return {
        "SILKY_AUTHENTICATION": True,
        "SILKY_AUTHORISATION": True,
        "SILKY_PERMISSIONS": silk.may_look,
        "SILKY_INTERCEPT_FUNC": silk.should_record,
        "SILKY_INTERCEPT_PERCENT": env.silk_percent,
        "SILKY_IGNORE_PATHS": [
            "/health/",
            "/static/",
            "/silk/",
            "/__debug__/",
            "/favicon.ico",
            # Their answers are tokens, and Silk keeps whole answers.
            "/api/v1/auth/token/",
            "/admin/accounts/apitoken/add/",
            # So are links that make a device a terminal.
            "/admin/accounts/terminal/",
            "/terminal/set-up/",
        ],
        "SILKY_PYTHON_PROFILER_FUNC": silk.should_profile,
        "SILKY_PYTHON_PROFILER_BINARY": True,
        "SILKY_PYTHON_PROFILER_RESULT_PATH": env.data_dir / "profiles",
        "SILKY_PYTHON_PROFILER_EXTENDED_FILE_NAME": True,
        "SILKY_DELETE_PROFILES": True,
        "SILKY_META": True,  # What Silk itself costs, beside each request.
        "SILKY_MAX_RECORDED_REQUESTS": 2_000,
        "SILKY_MAX_RECORDED_REQUESTS_CHECK_PERCENT": 1,  # For who runs no worker.
        "SILKY_MAX_REQUEST_BODY_SIZE": BODY_LIMIT,
        "SILKY_MAX_RESPONSE_BODY_SIZE": BODY_LIMIT,
        "SILKY_ANALYZE_QUERIES": False,  # ANALYZE would run every write twice.
        "SILKY_SENSITIVE_KEYS": {
            "username",
            "password",
            "token",
            "key",
            "secret",
            "signature",
            "pin",
            "badge",
            "session",
        },
    }


def _toolbar() -> dict[str, Any]:
    panels = "history versions timer headers request sql staticfiles templates alerts cache signals"
    return {
        "DEBUG_TOOLBAR_CONFIG": {
            "SHOW_TOOLBAR_CALLBACK": "apps.observability.toolbar.may_see",
            "SHOW_COLLAPSED": True,
            "TOOLBAR_STORE_CLASS": "debug_toolbar.store.CacheStore",  # Workers share what they saw.
        },
        "DEBUG_TOOLBAR_PANELS": [_panel(name) for name in panels.split()],
    }


def _panel(name: str) -> str:
    """Return a panel's class; Silk profiles, and one process holds one profiler."""
    spelled = {"sql": "SQL", "staticfiles": "StaticFiles"}.get(name, name.title())
    return f"debug_toolbar.panels.{name}.{spelled}Panel"
