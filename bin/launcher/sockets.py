"""The folder for the servers' sockets: short, private, never one that somebody else made."""

import hashlib
import shutil
import tempfile
from pathlib import Path
from urllib.parse import quote

from launcher.console import Trouble

_BASES = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 - a fresh private folder is made there
_NO_PLACE = """The servers' sockets need a temporary folder with a short name.
Let /tmp be writable, or let TMPDIR name one."""
_LONGEST_SOCKET_PATH = 107  # What the kernel takes.
_LONGEST_NAME = len("/andon-12345678-12345678/.s.PGSQL.5432")


def make_socket_folder(data: Path) -> Path:
    """Make a new folder with a name that nobody can guess, open to this user alone.

    Raises: Trouble, when no temporary folder is short enough and writable.
    """
    for base in (*_BASES, tempfile.gettempdir()):
        if len(base) + _LONGEST_NAME > _LONGEST_SOCKET_PATH:
            continue
        try:
            return Path(tempfile.mkdtemp(prefix=_prefix(data), dir=base))
        except OSError:
            continue
    raise Trouble(_NO_PLACE)


def remove_leftovers(data: Path, current: Path, owners: set[int]) -> None:
    """Remove the folders that killed runs of this data folder left, if they are our accounts'."""
    for folder in current.parent.glob(f"{_prefix(data)}*"):
        if folder != current and not folder.is_symlink() and folder.stat().st_uid in owners:
            shutil.rmtree(folder, ignore_errors=True)


def database_url(folder: Path, role: str) -> str:
    """Return the URL of the embedded PostgreSQL's database, for one of `cluster.sql`'s roles."""
    return f"postgresql://{role}@{quote(str(folder), safe='')}/andon"


def redis_url(folder: Path) -> str:
    """Return the URL of the embedded Valkey."""
    return f"unix://{valkey_socket(folder)}"


def valkey_socket(folder: Path) -> Path:
    """Return where Valkey listens."""
    return folder / "valkey.sock"


def _prefix(data: Path) -> str:
    return f"andon-{hashlib.sha256(str(data).encode()).hexdigest()[:8]}-"
