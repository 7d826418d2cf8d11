"""Child processes, each with its log: none outlives the launcher, all stop in order."""

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from signal import Signals
from typing import BinaryIO

from launcher import guard, interruption, linux
from launcher.console import say

_POLL_SECONDS = 0.03
_HURRY_SECONDS = 2.0
_IMPATIENT_SECONDS = 5.0


@dataclass(frozen=True)
class Program:
    """A command, where its output goes, who it runs as, and which signals end it.

    Without a log it writes to the terminal. `hurry_with` follows `stop_with` when that was not
    heeded; `orphan_with` comes from the kernel when the launcher is killed.
    """

    name: str
    command: Sequence[str]
    log: Path | None = None
    environ: Mapping[str, str] | None = None
    cwd: Path | None = None
    become: Callable[[], object] = int
    stop_with: Signals = Signals.SIGTERM
    hurry_with: Signals = Signals.SIGKILL
    orphan_with: Signals = Signals.SIGTERM
    has_terminal: bool = False

    def start(self) -> "Child":
        """Start it, in a session of its own, away from Ctrl-C, unless it is to have the terminal.

        The log of the run before is kept as `.1`. Call this from the main thread: the kernel takes
        the end of the thread that forked for the end of the parent.
        """
        parent = os.getpid()

        def prepare() -> None:
            self.become()
            linux.die_with_parent(self.orphan_with, parent)  # Last: a change of user clears it.

        with self._opened_log() as output:
            process = subprocess.Popen(
                self.command,
                stdin=None if self.has_terminal else subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                env=self.environ,
                cwd=self.cwd,
                start_new_session=not self.has_terminal,
                preexec_fn=prepare,  # noqa: PLW1509 - the launcher has one thread
            )
        if not self.has_terminal:
            guard.watch(process.pid)
        return Child(self, process)

    def _opened_log(self) -> contextlib.AbstractContextManager[BinaryIO | None]:
        if self.log is None:
            return contextlib.nullcontext()
        if self.log.exists():
            self.log.replace(self.log.with_name(f"{self.log.name}.1"))
        return self.log.open("wb")


@dataclass(frozen=True)
class Child:
    """A program that was started."""

    program: Program
    process: "subprocess.Popen[bytes]"

    def is_running(self) -> bool:
        """Whether it has not ended yet; at the end, what it left in its session is cleared away."""
        if self.process.returncode is not None:
            return False
        if self.process.poll() is None:
            return True
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        guard.forget(self.process.pid)
        return False

    def ending(self) -> str:
        """Say in words how it ended."""
        code = self.process.returncode
        return f"exit code {code}" if code >= 0 else f"signal {Signals(-code).name}"

    def ask_to_stop(self) -> None:
        """Send the signal for an orderly end."""
        if self.is_running():
            self.process.send_signal(self.program.stop_with)

    def wait_until_stopped(self, seconds: float) -> None:
        """Wait for the end; when it is late, or hurried, force it."""
        if self._ends_within(seconds, patient=True):
            return
        self.process.send_signal(self.program.hurry_with)
        if not self._ends_within(_HURRY_SECONDS, patient=False):
            self.process.kill()
            self._ends_within(_HURRY_SECONDS, patient=False)

    def _ends_within(self, seconds: float, *, patient: bool) -> bool:
        deadline = time.monotonic() + seconds
        while self.is_running():
            if time.monotonic() > deadline or (patient and interruption.is_hurried()):
                return False
            time.sleep(_POLL_SECONDS)
        return True


def stop(children: Sequence[Child], seconds: float) -> None:
    """Ask all of them to stop, in order, and wait for each."""
    interruption.stop_now()
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.wait_until_stopped(seconds)


def wait_for(children: Sequence[Child], meanwhile: Callable[[], object] = int) -> None:
    """Wait until all have ended by themselves; when that is interrupted, stop them."""
    try:
        while any(child.is_running() for child in children):
            meanwhile()
            time.sleep(_POLL_SECONDS)
    except BaseException:
        stop(children, _IMPATIENT_SECONDS)
        raise


@contextlib.contextmanager
def exclusively(folder: Path, notice: str) -> Iterator[None]:
    """Hold a folder's lock; where another process has it, say so and wait."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(notice)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
