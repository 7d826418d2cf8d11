"""Put the components of one place together."""

from typing import Any

from config.components.api import api
from config.components.database import databases, owner
from config.components.email import email
from config.components.files import files
from config.components.logs import logging
from config.components.redis import caches, celery
from config.components.security import security
from config.env import Environment


def compose(env: Environment, *, hashed: bool, structured: bool) -> dict[str, Any]:
    """Return the settings that depend on the environment, for one place."""
    return {
        "ANDON": env,
        "SECRET_KEY": env.secret_key,
        "ALLOWED_HOSTS": env.allowed_hosts,
        "CSRF_TRUSTED_ORIGINS": env.csrf_trusted_origins,
        "DATABASES": databases(env),
        "DATABASE_OWNER": owner(env),
        "CACHES": caches(env),
        "LOGGING": logging(env.log_level, structured=structured),
        **celery(env),
        **security(),
        **api(env),
        **files(env, hashed=hashed),
        **email(env),
    }
