"""The servers that are measured on: those that the environment names, or embedded ones."""

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg

from config.env import ROOT

sys.path.append(str(ROOT / "bin"))  # The launcher is no package of Andon's own.

from launcher import interruption
from launcher.guard import start_guard
from launcher.servers import Servers as Servers  # noqa: PLC0414 - handed on
from launcher.servers import running_servers
from launcher.settings import Settings, read_settings

# For 8 million steps; the launcher's own server is made for a demonstration. Taken at a restart.
_TUNING = {"shared_buffers": "2GB", "max_wal_size": "8GB", "maintenance_work_mem": "512MB"}


@contextmanager
def running() -> Iterator[Servers]:
    """Yield the servers of DATABASE_URL and REDIS_URL; start, in var/benchmarks, what they lack."""
    settings = read_settings(os.environ)
    data = settings.data / "benchmarks"
    if not (settings.database_url and settings.redis_url):
        (data / "log").mkdir(parents=True, exist_ok=True)
        start_guard()
        interruption.listen()
    if not settings.database_url:
        with _running(replace(settings, redis_url="unused"), data) as untuned:
            _tune(untuned.database_url)
    with _running(settings, data) as servers:
        yield servers


def _running(settings: Settings, data: Path) -> AbstractContextManager[Servers]:
    packages = Path(sys.prefix) / f"lib/python{sys.version_info.major}.{sys.version_info.minor}"
    return running_servers(settings, data, packages / "site-packages", throwaway=False)


def _tune(url: str) -> None:
    """Write down what the next start is to take; the cluster's own superuser may."""
    folder = unquote(urlsplit(url).netloc.rpartition("@")[2])
    with psycopg.connect(host=folder, user="postgres", dbname="postgres", autocommit=True) as own:
        for name, value in _TUNING.items():
            own.execute(f"ALTER SYSTEM SET {name} = '{value}'".encode())
