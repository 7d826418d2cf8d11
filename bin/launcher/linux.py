"""The few things Linux can do for a child process that Python's library has no words for.

Each is called between fork and exec, in the child. Elsewhere than on Linux they do nothing,
and a launcher that is killed outright leaves its servers behind.
"""

import ctypes
import os
import signal
import struct
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_SECUREBITS = 28
_NO_SETUID_FIXUP = 1 << 2
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION = 0x20080522
_CLONE_NEWUSER = 0x10000000

_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(signum: signal.Signals, parent: int) -> None:
    """Have the kernel signal this process when its parent ends, however that comes about."""
    if sys.platform != "linux":
        return
    _call("prctl", _PR_SET_PDEATHSIG, int(signum))
    if os.getppid() != parent:  # It ended before the kernel knew.
        os._exit(1)


def become(uid: int, gid: int) -> None:
    """Drop to an account, for good."""
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def become_with_access(uid: int, gid: int) -> None:
    """Drop to an account, keeping over exec the right to enter every folder.

    Without the secure bit access(2), which PostgreSQL asks, would leave that right out of account.
    """
    _call("prctl", _PR_SET_SECUREBITS, _NO_SETUID_FIXUP)
    become(uid, gid)
    bit = 1 << _CAP_DAC_OVERRIDE
    header = struct.pack("Ii", _CAPABILITY_VERSION, 0)
    _call("capset", header, struct.pack("6I", bit, bit, bit, 0, 0, 0))
    _call("prctl", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)


def appear_as(uid: int, gid: int) -> None:
    """Be another account inside a new user namespace, with one's own access to files."""
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    _call("unshare", _CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{uid} {outer_uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{gid} {outer_gid} 1", encoding="ascii")


def _call(name: str, *arguments: int | bytes) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
