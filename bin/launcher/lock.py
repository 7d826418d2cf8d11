"""A requirements lock: its pins, its fingerprint, and how it is dealt out to several installers."""

import hashlib
from pathlib import Path


def fingerprint(lock: Path) -> str:
    """Return what changes whenever the lock does."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def pins(lock: Path) -> list[str]:
    """Return one entry a package: `name==version`, marker and hashes, in the file's order."""
    entries: list[str] = []
    unfinished = ""
    for line in lock.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        unfinished += f"{line}\n"
        if not line.endswith("\\"):
            entries.append(unfinished)
            unfinished = ""
    return entries


def name_and_version(pin: str) -> str:
    """Return `name==version` of an entry."""
    return pin.split(maxsplit=1)[0]


def contains(larger: Path, smaller: Path) -> bool:
    """Whether whoever has installed one lock has installed the other with it."""
    return set(map(name_and_version, pins(smaller))) <= set(map(name_and_version, pins(larger)))
