"""The five variables that a person may set, read once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from launcher.console import Trouble

ROOT = Path(__file__).resolve().parent.parent.parent
_LAST_PORT = 65535


@dataclass(frozen=True)
class Settings:
    """Where things are and which servers to use; an empty URL means the embedded server."""

    data: Path
    port: int
    database_url: str
    database_owner_url: str
    redis_url: str

    @property
    def address(self) -> str:
        """Where a browser finds the web process."""
        return f"http://127.0.0.1:{self.port}/"


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the variables.

    Raises: Trouble, naming the variable that cannot be right.
    """
    port = environ.get("ANDON_PORT") or "8000"
    if not (port.isascii() and port.isdigit() and 0 < int(port) <= _LAST_PORT):
        msg = f"ANDON_PORT is {port!r}; it should be a number from 1 to {_LAST_PORT}."
        raise Trouble(msg)
    database_url = environ.get("DATABASE_URL", "")
    database_owner_url = environ.get("DATABASE_OWNER_URL", "")
    if database_owner_url and not database_url:
        msg = "DATABASE_OWNER_URL is set without DATABASE_URL, whose owner it would name."
        raise Trouble(msg)
    data = environ.get("ANDON_DATA")
    return Settings(
        data=Path(data).absolute() if data else ROOT / "var",
        port=int(port),
        database_url=database_url,
        database_owner_url=database_owner_url,
        redis_url=environ.get("REDIS_URL", ""),
    )
