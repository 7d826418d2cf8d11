"""The environments that Andon's own processes get, and its commands and checks."""

import os
from collections.abc import Mapping
from pathlib import Path

from launcher.postgres import without_postgres_variables
from launcher.servers import Servers
from launcher.settings import Settings
from launcher.venv import Environment

_OWNER = "DATABASE_OWNER_URL"
_UNCOMPILED = "PYTHONDONTWRITEBYTECODE"


def child_environ(
    settings: Settings, environment: Environment, servers: Servers, data: Path
) -> dict[str, str]:
    """Return this process' environment with the servers, the data folder and `.venv` in it.

    Web, worker and beat refuse the address of the database's owner: it is left out. So is what
    would have each of many processes compile every module anew, which takes it seconds.
    """
    inherited = os.environ if settings.database_url else without_postgres_variables()
    return {
        **{name: value for name, value in inherited.items() if name not in {_OWNER, _UNCOMPILED}},
        "ANDON_DATA": str(data),
        "ANDON_PORT": str(settings.port),
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
        "VIRTUAL_ENV": str(environment.path),
        "PATH": f"{environment.path / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
    }


def command_environ(environ: Mapping[str, str], servers: Servers) -> dict[str, str]:
    """Return the environment with the address of the database's owner, where there is one."""
    return {**environ, _OWNER: servers.owner_url} if servers.owner_url else {**environ}
