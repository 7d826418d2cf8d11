"""How full the disks are that Andon writes to."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from apps.observability.warned import Warned

FULL = 0.85
GIGABYTE = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Disk:
    """A folder of ours with its disk, in bytes."""

    folder: str
    total_bytes: int
    free_bytes: int

    @property
    def used(self) -> float:
        """How much of it is taken, 0 to 1."""
        return round(1 - self.free_bytes / self.total_bytes, 4) if self.total_bytes else 1.0


@dataclass(frozen=True, slots=True)
class DiskHealth:
    """The disks, and what is wrong with them."""

    disks: tuple[Disk, ...]
    warnings: tuple[Warned, ...]


def look() -> DiskHealth:
    """Look at the folder of our data, and of uploads where that is on another disk."""
    environment = settings.ANDON  # type: ignore[misc]  # composed in config, unseen by the stubs
    found: dict[int, Disk] = {}
    for folder in (environment.data_dir, Path(settings.MEDIA_ROOT)):
        there = _nearest(Path(folder))
        usage = shutil.disk_usage(there)
        found.setdefault(there.stat().st_dev, Disk(str(folder), usage.total, usage.free))
    disks = tuple(found.values())
    return DiskHealth(disks, tuple(_about(disks)))


def _nearest(folder: Path) -> Path:
    """Return the folder, or the one that it will be made in."""
    return next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())


def _about(disks: tuple[Disk, ...]) -> Iterator[Warned]:
    for disk in disks:
        if disk.used > FULL:
            yield Warned(
                "disk_full",
                _("The disk of %(folder)s is %(used)s full: %(free)s GB are free.")
                % {
                    "folder": disk.folder,
                    "used": f"{disk.used:.0%}",
                    "free": f"{disk.free_bytes / GIGABYTE:.1f}",
                },
                _("Make room, or give it a larger disk, before uploads are refused."),
            )
