"""The virtual environment: made once, completed when a lock changes, made anew when broken."""

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from launcher import install
from launcher.console import Trouble, say
from launcher.lock import contains, fingerprint
from launcher.processes import Child, Program, exclusively

_STAMP = "andon-installed.json"
_RECORDED_FIELDS = 3


class Environment:
    """The project's `.venv` and which locks it holds."""

    def __init__(self, root: Path) -> None:
        self.path = root / ".venv"
        self.python = self.path / "bin" / "python"
        self._requirements = root / "requirements"
        self._stamp = self.path / _STAMP
        self._made = f"{self.path} by {sys.version}"  # Its commands name their interpreter's path.

    def ensure(self, lock_name: str) -> bool:
        """Make the environment hold a lock; return whether anything had to be installed.

        Raises: Trouble, when it cannot be made.
        """
        lock = self._requirements / lock_name
        with exclusively(
            self._requirements,
            "Another bin/up or bin/test is installing into .venv; waiting for it.",
        ):
            if self._holds(lock):
                return False
            if not self._is_sound():
                self._make()
            self._stamp.unlink(missing_ok=True)  # An interruption shows as a missing stamp.
            install.install(self.python, lock)
            self._write_stamp(lock)
        return True

    def command(self, name: str) -> str:
        """Return the absolute path of a command that a package brought."""
        return str(self.path / "bin" / name)

    def site_packages(self) -> Path:
        """Return the folder that the packages are in."""
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        return self.path / "lib" / version / "site-packages"

    def compile_in_background(self, log: Path) -> Child:
        """Compile what was installed, at low priority; the start does not wait for it."""
        command = ["nice", str(self.python), "-m", "compileall", "-q", str(self.site_packages())]
        return Program("compileall", command, log=log).start()

    def _holds(self, lock: Path) -> bool:
        return fingerprint(lock) in self._read_stamp().get("locks", []) and self._is_sound()

    def _is_sound(self) -> bool:
        """Whether this interpreter finished it here, it runs, and no file is missing or emptied."""
        return (
            self._read_stamp().get("made") == self._made
            and self._runs()
            and all(map(_is_intact, self.site_packages().glob("*.dist-info/RECORD")))
        )

    def _runs(self) -> bool:
        try:
            subprocess.run([self.python, "-c", "pass"], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            return False
        return True

    def _make(self) -> None:
        is_broken = self.path.exists()
        say("Making .venv anew: it is unfinished or broken." if is_broken else "Making .venv.")
        command = [sys.executable, "-m", "venv", "--clear", "--without-pip", str(self.path)]
        made = subprocess.run(command, check=False, capture_output=True, text=True)
        if made.returncode:
            msg = f"The virtual environment {self.path} cannot be made:\n{made.stdout}{made.stderr}"
            raise Trouble(msg)
        install.bring_pip(self.python, self.site_packages())

    def _read_stamp(self) -> dict[str, Any]:
        try:
            stamp = json.loads(self._stamp.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    def _write_stamp(self, lock: Path) -> None:
        locks = [other for other in self._requirements.glob("*.txt") if contains(lock, other)]
        content = {"made": self._made, "locks": sorted(map(fingerprint, locks))}
        unfinished = self._stamp.with_suffix(".new")
        unfinished.write_text(json.dumps(content), encoding="utf-8")
        unfinished.replace(self._stamp)


def _is_intact(record: Path) -> bool:
    site_packages = record.parent.parent
    with record.open(encoding="utf-8", newline="") as file:
        for path, digest, size in (row for row in csv.reader(file) if len(row) == _RECORDED_FIELDS):
            if not digest:  # Compiled files and the like, which may come and go.
                continue
            try:
                actual = (site_packages / path).stat().st_size
            except OSError:
                return False
            if not actual and int(size or 0):
                return False
    return True
