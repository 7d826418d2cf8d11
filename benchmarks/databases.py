"""The databases that are measured: found, or made and filled."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from config.env import ROOT

TABLES = ("jobs", "job_steps", "work_logs", "customers", "machines", "users", "audit_logs")


@dataclass(frozen=True, slots=True)
class Database:
    """A database with generated data of one size (see ``benchmarks.data``).

    ``url`` signs in as the application, ``owner_url`` as the owner: the same where it is empty.
    """

    size: str
    url: str
    owner_url: str = ""

    @classmethod
    def beside(cls, url: str, owner_url: str, size: str) -> "Database":
        """Return the one of a size that lies on the server of ``url``."""
        path = f"/andon_{size}"
        return cls(size, _at(url, path), _at(owner_url, path) if owner_url else "")

    def ask(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """Return the rows of a query, asked by the owner."""
        with psycopg.connect(self.owner_url or self.url, autocommit=True) as connection:
            return connection.execute(query.encode(), parameters).fetchall()

    def rows(self) -> dict[str, int]:
        """Return how many rows each of TABLES has."""
        counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in TABLES)  # noqa: S608 - names of ours
        (row,) = self.ask(f"SELECT {counts}")
        return {table: int(str(count)) for table, count in zip(TABLES, row, strict=True)}

    def make_ready(self) -> None:
        """Make it where it is missing, and fill it where it is empty."""
        name = urlsplit(self.url).path.lstrip("/")
        server = _at(self.owner_url or self.url, "/postgres")
        with psycopg.connect(server, autocommit=True) as connection:
            there = connection.execute("SELECT FROM pg_database WHERE datname = %s", [name])
            if not there.rowcount:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        if not self._is_filled():
            self._run("manage.py", "migrate", "--verbosity=0")
            self._run("-m", "benchmarks.data", "--size", self.size)

    def environ(self) -> Mapping[str, str]:
        """Return the variables by which commands find it."""
        owner = {"DATABASE_OWNER_URL": self.owner_url} if self.owner_url else {}
        return {"DATABASE_URL": self.url, **owner}

    def _is_filled(self) -> bool:
        if self.ask("SELECT to_regclass('jobs') IS NULL") == [(True,)]:
            return False
        return self.ask("SELECT EXISTS (SELECT FROM jobs)") == [(True,)]

    def _run(self, *arguments: str) -> None:
        environ = {**os.environ, **self.environ(), "DJANGO_SETTINGS_MODULE": "benchmarks.settings"}
        subprocess.run([sys.executable, *arguments], check=True, cwd=ROOT, env=environ)


def _at(url: str, path: str) -> str:
    return urlsplit(url)._replace(path=path).geturl()
