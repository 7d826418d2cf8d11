"""The browser for the browser tests: found, or installed."""

import os
import shutil
import subprocess
from functools import partial
from pathlib import Path

from launcher.console import Progress, Trouble, say, tail
from launcher.processes import Program, wait_for
from launcher.venv import Environment

_COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """Return a Chromium that runs; some distributions have a stand-in that does not.

    Raises: Trouble, when ANDON_CHROMIUM names something else.
    """
    if named := os.environ.get("ANDON_CHROMIUM"):
        if _runs(named):
            return named
        msg = f"ANDON_CHROMIUM is {named!r}, which does not run as a browser."
        raise Trouble(msg)
    on_path = (path for command in _COMMANDS if (path := shutil.which(command)))
    return next((path for path in (*on_path, *_playwrights_own()) if _runs(path)), None)


def install_chromium(environment: Environment, logs: Path) -> str | None:
    """Install it from the system's packages where that may be done, else as Playwright does."""
    for command in _ways(environment):
        say(f"Installing Chromium for the browser tests: {' '.join(command[:3])} …")
        installer = Program(
            "chromium",
            command,
            log=logs / "chromium.log",
            environ={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        ).start()
        wait_for([installer], partial(Progress().update, "Installing Chromium"))
        if installer.process.returncode:
            say(f"That failed; it said:\n{tail(installer.program.log, lines=5)}")
        if found := find_chromium():
            return found
    say("NO CHROMIUM: the browser tests (pytest -m browser) WILL BE LEFT OUT.")
    return None


def _ways(environment: Environment) -> list[list[str]]:
    playwright = [str(environment.python), "-m", "playwright", "install"]
    if os.geteuid() or not shutil.which("apt-get"):
        return [[*playwright, "chromium"]]
    apt = "apt-get update && apt-get install -y --no-install-recommends chromium"
    return [["sh", "-c", apt], [*playwright, "--with-deps", "chromium"]]


def _playwrights_own() -> list[str]:
    """Return the Chromiums that Playwright has downloaded, the newest first."""
    places = (
        os.environ.get("PLAYWRIGHT_BROWSERS_PATH"),
        "~/.cache/ms-playwright",
        "~/Library/Caches/ms-playwright",
    )
    found = (
        path
        for place in places
        if place
        for pattern in (
            "chromium-*/chrome-linux*/chrome",
            "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
        )
        for path in Path(place).expanduser().glob(pattern)
    )
    return [
        str(path) for path in sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)
    ]


def _runs(program: str) -> bool:
    try:
        return (
            subprocess.run(
                [program, "--version"], check=False, capture_output=True, timeout=30
            ).returncode
            == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
