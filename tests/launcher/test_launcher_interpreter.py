"""Which Python the shell scripts choose, on paths full of commands that are not what they seem."""

# ruff: noqa: S603 - it is the shell script that is tested

import shutil
import subprocess
from pathlib import Path

import pytest

SNIPPET = Path(__file__).resolve().parents[2] / "bin/launcher/python.sh"
WORKS, FAILS, IS_OLD, HAS_NO_VENV = "exit 0", "echo not found >&2; exit 127", "exit 3", "exit 4"


@pytest.fixture
def commands(tmp_path):
    folder = tmp_path / "commands"
    folder.mkdir()
    (folder / "cat").symlink_to(str(shutil.which("cat")))
    return folder


def choose(commands, **interpreters):
    for name, script in interpreters.items():
        program = commands / name.replace("_", ".")
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
        program.chmod(0o755)
    return subprocess.run(
        ["/bin/sh", "-euc", f'. {SNIPPET}; echo "chosen: $python"'],
        env={"PATH": str(commands)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_newest_is_chosen(commands):
    assert choose(commands, python3_13=WORKS, python3_12=WORKS).stdout == "chosen: python3.13\n"


def test_a_command_that_exists_and_fails_is_passed_over_in_silence(commands):
    done = choose(commands, python3_13=FAILS, python3_12=FAILS, python3=WORKS)
    assert (done.stdout, done.stderr) == ("chosen: python3\n", "")


def test_one_that_is_too_old_or_has_no_venv_is_passed_over(commands):
    done = choose(commands, python3_13=HAS_NO_VENV, python3=IS_OLD, python3_11=WORKS)
    assert done.stdout == "chosen: python3.11\n"


def test_without_one_the_message_says_what_was_found_and_what_to_install(commands):
    done = choose(commands, python3_13=FAILS, python3_12=HAS_NO_VENV, python3=IS_OLD)
    assert done.returncode == 1
    assert "python3.12 comes without venv" in done.stderr
    assert "python3 is older than 3.11" in done.stderr
    assert "python3.13 " not in done.stderr.split("To install")[0]
    assert "apt-get install python3 python3-venv" in done.stderr


def test_this_interpreter_passes_the_real_test(commands):
    (commands / "python3").symlink_to(str(shutil.which("python3")))
    assert choose(commands).stdout == "chosen: python3\n"
