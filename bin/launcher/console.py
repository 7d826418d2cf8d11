"""What the launcher tells the person at the terminal: short lines, with the time they took."""

import contextlib
import sys
import time
from pathlib import Path

_started = time.monotonic()
_EVERY_SECONDS_UNWATCHED = 10.0


class Trouble(Exception):
    """What went wrong and what to do about it, in words for the person at the terminal."""


def elapsed() -> float:
    """Seconds since the launcher started."""
    return time.monotonic() - _started


def say(text: str) -> None:
    """Print one line with the time it was reached."""
    _print(f"{elapsed():6.1f} s  {text}\n")


def show(text: str = "") -> None:
    """Print text as it is."""
    _print(f"{text}\n")


def write(output: bytes) -> None:
    """Pass on what another program wrote."""
    if output:
        with contextlib.suppress(OSError):
            sys.stdout.buffer.write(output)
            sys.stdout.buffer.flush()


class Progress:
    """One line that changes: rewritten on a terminal, repeated now and then elsewhere."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def update(self, text: str) -> None:
        """Show how far it has got."""
        if sys.stdout.isatty():
            _print(f"{elapsed():6.1f} s  {text}")
        elif time.monotonic() - self._last >= _EVERY_SECONDS_UNWATCHED:
            self._last = time.monotonic()
            say(text)


def tail(path: Path | None, lines: int = 20) -> str:
    """Return the last lines of a log, indented; empty where there is none."""
    if path is None:
        return ""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])


def _print(text: str) -> None:
    """Write over a progress line; that the terminal is gone must not hinder an orderly stop."""
    blank = "\r\x1b[K" if sys.stdout.isatty() else ""
    with contextlib.suppress(OSError):
        print(f"{blank}{text}", end="", flush=True)
