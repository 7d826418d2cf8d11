"""That children end when they should, whoever dies first."""

# ruff: noqa: S603 - it is what is tested

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from launcher import interruption
from launcher.interruption import Interruption
from launcher.processes import Program, stop, wait_for

BIN = Path(__file__).resolve().parents[2] / "bin"
STUBBORN = "trap '' TERM; (trap '' TERM; sleep 600) & echo $!; wait"

# The launcher has one thread; the test runner may have more.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


@pytest.fixture(autouse=True)
def fresh_state(monkeypatch):
    monkeypatch.setattr(interruption._State, "is_stopping", False)
    monkeypatch.setattr(interruption._State, "is_hurried", False)


def exists(pid):
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"


def eventually(condition, seconds=8.0):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def test_the_log_of_the_run_before_is_kept(tmp_path):
    log = tmp_path / "web.log"
    for word in ("first", "second", "third"):
        wait_for([Program("web", ["echo", word], log).start()])
    assert log.read_text(encoding="ascii") == "third\n"
    assert Path(f"{log}.1").read_text(encoding="ascii") == "second\n"


def test_how_a_child_ended_is_said_in_words(tmp_path):
    child = Program("web", ["sh", "-c", "exit 3"], tmp_path / "log").start()
    wait_for([child])
    assert child.ending() == "exit code 3"
    child = Program("web", ["sh", "-c", "kill -9 $$"], tmp_path / "log").start()
    wait_for([child])
    assert child.ending() == "signal SIGKILL"


def test_one_that_does_not_heed_the_signal_is_killed_with_all_it_started(tmp_path):
    log = tmp_path / "log"
    child = Program("web", ["sh", "-c", STUBBORN], log).start()
    assert eventually(log.read_bytes)
    grandchild = int(log.read_text(encoding="ascii"))
    stop([child], seconds=0.2)
    assert child.ending() == "signal SIGKILL"
    assert eventually(lambda: not exists(grandchild))


def test_a_second_signal_does_not_wait(tmp_path):
    child = Program("web", ["sh", "-c", "trap '' TERM; echo; sleep 600"], tmp_path / "log").start()
    assert eventually((tmp_path / "log").read_bytes)
    interruption._State.is_hurried = True
    began = time.monotonic()
    stop([child], seconds=60)
    assert time.monotonic() - began < 2


def test_the_first_signal_interrupts_and_the_second_hurries():
    with pytest.raises(Interruption):
        interruption._handle(signal.SIGINT, None)
    assert not interruption.is_hurried()
    interruption._handle(signal.SIGINT, None)
    assert interruption.is_hurried()


def test_a_signal_during_the_stop_interrupts_nothing():
    interruption.stop_now()
    interruption._handle(signal.SIGTERM, None)
    assert interruption.is_hurried()


@pytest.mark.slow
def test_a_launcher_that_is_killed_leaves_nothing(tmp_path):
    """One child heeds the kernel's signal; the other, and its own child, are the guard's."""
    script = f"""
        import sys, time
        sys.path.insert(0, {str(BIN)!r})
        from pathlib import Path
        from launcher.guard import start_guard
        from launcher.processes import Program
        start_guard()
        Program("good", ["sh", "-c", "echo $$; exec sleep 600"], Path("good")).start()
        Program("bad", ["sh", "-c", "echo $$; " + {STUBBORN!r}], Path("bad")).start()
        time.sleep(600)
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], cwd=tmp_path) as process:
        files = [tmp_path / "good", tmp_path / "bad"]
        lines = {files[0]: 1, files[1]: 2}
        assert eventually(
            lambda: all(f.exists() and f.read_text().count("\n") == lines[f] for f in files)
        )
        pids = [int(pid) for file in files for pid in file.read_text().split()]
        assert all(map(exists, pids))
        os.kill(process.pid, signal.SIGKILL)
    assert eventually(lambda: not any(map(exists, pids)))
