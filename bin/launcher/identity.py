"""Whom the embedded servers run as: PostgreSQL refuses root."""

import os
import pwd
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from launcher import linux
from launcher.console import Trouble


@dataclass(frozen=True)
class Identity:
    """An account, and how a child process becomes it between fork and exec."""

    description: str
    uid: int
    gid: int
    enter: Callable[[], object]

    def own(self, folder: Path) -> None:
        """Make a folder, private, and give all that is in it to this account."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.stat().st_uid == self.uid:
            return
        for inside in folder.rglob("*"):
            os.chown(inside, self.uid, self.gid, follow_symlinks=False)
        os.chown(folder, self.uid, self.gid)  # Last: an interruption is seen above and mended.


def choose_identity(cluster: Path, data: Path, programs: Iterable[Path]) -> Identity:
    """Choose the account for the servers of a data folder.

    Root becomes the cluster's owner or `nobody`. Where that account cannot get at the data or the
    programs (a checkout under /root), root takes a user namespace; where there is none (in most
    containers), it lets the account keep the right to enter.

    Raises: Trouble, when none of these works.
    """
    for identity in _candidates(cluster):
        if _can_run(identity, data, programs):
            return identity
    msg = (
        f"PostgreSQL does not run as root, and no other account can be used for {data}.\n"
        "Run this as an ordinary user, or set DATABASE_URL and REDIS_URL to servers of your own."
    )
    raise Trouble(msg)


def _candidates(cluster: Path) -> list[Identity]:
    mine, my_group = os.geteuid(), os.getegid()
    if mine != 0 and _is_known(mine):
        return [Identity("the same user", mine, my_group, int)]
    account = _account(cluster)
    uid, gid = account.pw_uid, account.pw_gid
    namespace = Identity("a user namespace", mine, my_group, partial(linux.appear_as, uid, gid))
    if mine != 0:  # initdb wants a name for the user; some containers have none.
        return [namespace]
    return [
        Identity(account.pw_name, uid, gid, partial(linux.become, uid, gid)),
        namespace,
        Identity(
            f"{account.pw_name} with access", uid, gid, partial(linux.become_with_access, uid, gid)
        ),
    ]


def _account(cluster: Path) -> pwd.struct_passwd:
    owner = cluster.stat().st_uid if cluster.exists() else 0
    if owner and _is_known(owner):
        return pwd.getpwuid(owner)
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        return next(account for account in pwd.getpwall() if account.pw_uid)


def _is_known(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _can_run(identity: Identity, data: Path, programs: Iterable[Path]) -> bool:
    """Try it in a child: become the account, and reach what the servers need."""
    child = os.fork()
    if child == 0:
        try:
            identity.enter()
            # Without effective_ids the kernel leaves capabilities out of account.
            reaches = all(os.access(way, os.X_OK, effective_ids=True) for way in (data, *programs))
        except OSError:
            reaches = False
        os._exit(0 if reaches else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
