"""How it is run: checks side by side, silent while they pass; pytest alone, in full view."""

import re
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from signal import Signals

from launcher.checks import Check
from launcher.console import elapsed, say, show, tail, write
from launcher.outcome import Outcome
from launcher.processes import Child, Program, stop, wait_for
from launcher.settings import ROOT
from launcher.venv import Environment

_SIDE_BY_SIDE = 2
_STOP_SECONDS = 5.0
_SUMMARY = re.compile(
    r"^(?:=+ )?(.*\b\d+ (?:passed|failed|skipped|errors?|deselected)\b.* in [\d.]+s.*?)(?: =+)?$"
)
_ESCAPE = re.compile(r"\x1b\[[\d;]*m")


def run_checks(checks: Sequence[Check], environ: Mapping[str, str], logs: Path) -> list[Outcome]:
    """Run all of them, two at a time; say how each ended, with its output when it failed."""
    waiting = list(enumerate(checks))
    running: dict[int, tuple[Child, float]] = {}
    outcomes: dict[int, Outcome] = {}
    try:
        while waiting or running:
            while waiting and len(running) < _SIDE_BY_SIDE:
                number, check = waiting.pop(0)
                log = logs / f"check-{number + 1}.log"
                environ_of_check = {**environ, **check.environ}
                program = Program(check.name, check.command, log, environ_of_check, ROOT)
                running[number] = (program.start(), elapsed())
            for number, (child, began) in list(running.items()):
                if not child.is_running():
                    del running[number]
                    outcomes[number] = _finished(child, elapsed() - began)
            time.sleep(0.02)
    finally:
        if running:
            stop([child for child, _ in running.values()], _STOP_SECONDS)
    return [outcomes[number] for number in range(len(checks))]


def run_tests(
    name: str,
    arguments: Sequence[str],
    environment: Environment,
    environ: Mapping[str, str],
    logs: Path,
) -> Outcome:
    """Run pytest in full view, and keep its summary for the end."""
    show(f"\n{f' {name} ':=^80}")
    colours = ["--color=yes"] if sys.stdout.isatty() else []
    log = logs / f"{name.replace(' ', '-')}.log"
    began = elapsed()
    command = [environment.command("pytest"), *colours, *arguments]
    child = Program(name, command, log, environ, ROOT, stop_with=Signals.SIGINT).start()
    with log.open("rb") as output:
        wait_for([child], lambda: write(output.read()))
        write(output.read())
    said = log.read_text(encoding="utf-8", errors="replace")
    return Outcome(name, child.process.returncode, elapsed() - began, summary_line(said))


def run_pytest(
    arguments: Sequence[str], environment: Environment, environ: Mapping[str, str]
) -> int:
    """Run pytest with a person's arguments and the terminal (for `--pdb`); return its exit code."""
    command = [environment.command("pytest"), *arguments]
    child = Program("pytest", command, None, environ, ROOT, has_terminal=True).start()
    try:
        return child.process.wait()
    finally:
        child.wait_until_stopped(_STOP_SECONDS)  # Ctrl-C at the terminal has reached it already.


def summary_line(output: str) -> str:
    """Return what pytest said last of what passed and failed; empty when it came to no end."""
    lines = (_SUMMARY.match(_ESCAPE.sub("", line)) for line in reversed(output.splitlines()))
    return next((found[1] for found in lines if found), "")


def _finished(child: Child, seconds: float) -> Outcome:
    outcome = Outcome(child.program.name, child.process.returncode, seconds)
    say(f"{outcome.word:<9}{child.program.name:<28}{seconds:7.1f} s")
    if outcome.exit_code:
        show(tail(child.program.log, lines=200))
    return outcome
