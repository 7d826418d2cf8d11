"""The environment that Andon's own processes and checks get."""

import os
from pathlib import Path

from launcher.postgres import without_postgres_variables
from launcher.servers import Servers
from launcher.settings import Settings
from launcher.venv import Environment


def child_environ(
    settings: Settings, environment: Environment, servers: Servers, data: Path
) -> dict[str, str]:
    """Return this process' environment with the servers, the data folder and `.venv` in it."""
    inherited = os.environ if settings.database_url else without_postgres_variables()
    return {
        **inherited,
        "ANDON_DATA": str(data),
        "ANDON_PORT": str(settings.port),
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
        "VIRTUAL_ENV": str(environment.path),
        "PATH": f"{environment.path / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
    }
