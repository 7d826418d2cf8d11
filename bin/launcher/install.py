"""How packages get into the virtual environment, as fast as pip can be made to go."""

import ensurepip
import subprocess
import sysconfig
import tempfile
import zipfile
from pathlib import Path

from launcher.console import Progress, Trouble, say, show, tail
from launcher.lock import pins
from launcher.processes import Child, Program, wait_for

_INSTALLERS = 2
_OPTIONS = [
    "--require-hashes",
    "--no-deps",  # The lock is complete; there is nothing to resolve.
    "--no-compile",  # `Environment.compile_in_background` does it beside the servers' start.
    "--no-input",
    "--disable-pip-version-check",
]

_FAILED = """Installing the packages failed; pip's last words are above.
Can this machine reach a package index?"""


def bring_pip(python: Path, site_packages: Path) -> None:
    """Unpack the interpreter's own pip into a new environment; ensurepip would take 4 s."""
    system = sysconfig.get_config_var("WHEEL_PKG_DIR") or "/usr/share/python-wheels"
    bundled = sorted((Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl"))
    # The system's wheel suits the system's own Python; another brings one that suits it.
    wheels = bundled or sorted(Path(system).glob("pip-*.whl"))
    if wheels:
        zipfile.ZipFile(wheels[-1]).extractall(site_packages)
    else:
        subprocess.run([python, "-m", "ensurepip"], check=True, capture_output=True)


def install(python: Path, lock: Path) -> None:
    """Install everything in a lock, by two pips side by side: one leaves a core idle.

    Raises: Trouble, with what pip said.
    """
    entries = pins(lock)
    say(f"Installing {len(entries)} packages into .venv; this happens once.")
    with tempfile.TemporaryDirectory(dir=python.parent.parent) as name:
        folder = Path(name)
        pips = [
            _start_pip(python, folder, number, entries[number::_INSTALLERS])
            for number in range(_INSTALLERS)
        ]
        progress = Progress()

        def show_progress() -> None:
            fetched = sum(_lines_with(pip.program.log, "Collecting ") for pip in pips)
            progress.update(f"Installing packages: {fetched} of {len(entries)} fetched")

        wait_for(pips, show_progress)
        failed = [pip for pip in pips if pip.process.returncode]
        for pip in failed:
            show(tail(pip.program.log, lines=30))
        if failed:
            raise Trouble(_FAILED)
    say("Packages are installed.")


def _start_pip(python: Path, folder: Path, number: int, entries: list[str]) -> Child:
    part = folder / f"part-{number}.txt"
    part.write_text("".join(entries), encoding="utf-8")
    command = [str(python), "-m", "pip", "install", *_OPTIONS, "-r", str(part)]
    return Program(f"pip {number}", command, log=folder / f"pip-{number}.log").start()


def _lines_with(log: Path | None, beginning: str) -> int:
    text = log.read_text(encoding="utf-8", errors="replace") if log else ""
    return sum(line.startswith(beginning) for line in text.splitlines())
