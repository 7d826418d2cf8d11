"""What `bin/test` runs and how it sums up."""

import os
import sys

import pytest
from launcher.checks import SHELL_SCRIPTS, Check, all_checks, production_variables
from launcher.console import tail
from launcher.outcome import Outcome, report
from launcher.runner import run_checks, summary_line
from launcher.settings import ROOT
from launcher.venv import Environment


@pytest.mark.parametrize(
    ("output", "summary"),
    [
        ("....\n4 passed in 0.01s\n", "4 passed in 0.01s"),
        ("==== 2 failed, 1 passed, 3 skipped in 61.20s (0:01:01) ====\n", None),
        ("\x1b[32m\x1b[1m4 passed\x1b[0m\x1b[32m in 0.01s\x1b[0m\n\n", "4 passed in 0.01s"),
        ("9 deselected in 0.10s\nInterrupted\n", "9 deselected in 0.10s"),
        ("the last of 3 passed the gate\nSegmentation fault\n", ""),
        ("", ""),
    ],
)
def test_pytests_summary_is_found(output, summary):
    expected = "2 failed, 1 passed, 3 skipped in 61.20s (0:01:01)" if summary is None else summary
    assert summary_line(output) == expected


def test_the_whole_fails_when_one_step_does_and_the_end_names_it(capsys):
    outcomes = [Outcome("mypy", 1, 2.5), Outcome("tests", 0, 9.0, summary="4 passed in 8s")]
    assert report(outcomes, ran_all=False) == 1
    said = capsys.readouterr().out
    assert "FAILED: mypy" in said
    assert "tests: 4 passed in 8s" in said
    assert "bin/test --all" in said


def test_what_is_left_out_is_said_loudly(capsys):
    assert report([Outcome("browser tests", 0, 0, left_out="No Chromium.")], ran_all=True) == 0
    assert "LEFT OUT: browser tests. No Chromium." in capsys.readouterr().out


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_checks_go_on_after_a_failure_and_show_the_output_of_failures_alone(tmp_path, capfd):
    def check(name: str, code: str) -> Check:
        return Check(name, [sys.executable, "-c", f"print('said by {name}'); {code}"])

    checks = [check("first", "raise SystemExit(3)"), check("second", "0"), check("third", "0")]
    outcomes = run_checks(checks, os.environ, tmp_path)
    assert [(outcome.name, outcome.exit_code) for outcome in outcomes] == [
        ("first", 3),
        ("second", 0),
        ("third", 0),
    ]
    said = capfd.readouterr().out
    assert "said by first" in said
    assert "said by second" not in said


def test_the_checks_have_names_of_their_own_and_the_scripts_exist():
    names = [check.name for check in all_checks(Environment(ROOT))]
    assert len(names) == len(set(names))
    assert all(os.access(ROOT / script, os.R_OK) for script in SHELL_SCRIPTS)


def test_the_secret_for_the_production_check_is_long_and_new_each_time():
    secret = production_variables()["SECRET_KEY"]
    assert len(secret) == 60
    assert secret != production_variables()["SECRET_KEY"]


def test_the_tail_of_a_log_is_its_last_lines(tmp_path):
    log = tmp_path / "log"
    log.write_bytes(b"one\ntwo\n\xff three\n")
    assert tail(log, lines=2) == "    two\n    \ufffd three"
    assert tail(tmp_path / "none") == ""
    assert tail(None) == ""
