"""Mail."""

from typing import Any

from config.env import Environment


def email(env: Environment) -> dict[str, Any]:
    """Return the settings of mail; without EMAIL_HOST it is written to the log."""
    kind = "smtp" if env.email_host else "console"
    return {
        "EMAIL_BACKEND": f"django.core.mail.backends.{kind}.EmailBackend",
        "EMAIL_HOST": env.email_host,
        "EMAIL_PORT": env.email_port,
        "EMAIL_HOST_USER": env.email_user,
        "EMAIL_HOST_PASSWORD": env.email_password,
        "EMAIL_USE_TLS": env.email_use_tls,
        "EMAIL_TIMEOUT": 10,
        "DEFAULT_FROM_EMAIL": env.email_from,
        "SERVER_EMAIL": env.email_from,
    }
