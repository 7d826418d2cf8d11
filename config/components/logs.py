"""Structured logs to standard error; every line carries its request's id."""

from http import HTTPStatus
from logging import LogRecord
from typing import Any

from django.utils.log import CallbackFilter


def logging(level: str, *, structured: bool) -> dict[str, Any]:
    """Return LOGGING: JSON lines where programs read them, words where a person does."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request_id": {"()": "apps.core.request_id.RequestIdFilter"},
            "signed_in": {"()": CallbackFilter, "callback": _is_no_signed_out_caller},
        },
        "formatters": {
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "format": "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s",
                "rename_fields": {"asctime": "at", "levelname": "level", "name": "logger"},
                "datefmt": "%Y-%m-%dT%H:%M:%S%z",
            },
            "words": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"},
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "json" if structured else "words",
                "filters": ["request_id"],
            },
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            "django.request": {"filters": ["signed_in"]},
        },
    }


def _is_no_signed_out_caller(record: LogRecord) -> bool:
    """Leave out the 401s: a wall whose sign-in has ended asks on, and would fill the log.

    Who guesses names and passwords is written down by signing in itself.
    """
    return getattr(record, "status_code", None) != HTTPStatus.UNAUTHORIZED
