"""How the browser for the browser tests is found, and what is tried where there is none."""

import os

import pytest
from launcher import chromium
from launcher.console import Trouble
from launcher.venv import Environment

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
RUNS, IS_A_STAND_IN = "exit 0", "echo install the snap >&2; exit 1"


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """An otherwise empty machine: what is written here is all that it can run, beside a shell."""
    folder = tmp_path / "commands"
    folder.mkdir()
    (folder / "sh").symlink_to("/bin/sh")
    (folder / "cp").symlink_to("/bin/cp")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("ANDON_CHROMIUM", raising=False)
    monkeypatch.delenv("PLAYWRIGHT_BROWSERS_PATH", raising=False)
    return folder


def program(path, script):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
    path.chmod(0o755)
    return str(path)


def test_a_stand_in_that_only_tells_what_to_install_is_passed_over(commands):
    program(commands / "chromium-browser", IS_A_STAND_IN)
    assert chromium.find_chromium() is None
    found = program(commands / "google-chrome", RUNS)
    assert chromium.find_chromium() == found


def test_playwrights_own_is_found(commands, tmp_path):
    found = program(tmp_path / ".cache/ms-playwright/chromium-1187/chrome-linux/chrome", RUNS)
    assert chromium.find_chromium() == found


def test_the_one_that_is_named_comes_first_and_must_run(commands, tmp_path, monkeypatch):
    program(commands / "chromium", RUNS)
    monkeypatch.setenv("ANDON_CHROMIUM", program(tmp_path / "mine", RUNS))
    assert chromium.find_chromium() == str(tmp_path / "mine")
    monkeypatch.setenv("ANDON_CHROMIUM", str(tmp_path / "none"))
    with pytest.raises(Trouble, match="ANDON_CHROMIUM"):
        chromium.find_chromium()


def test_root_installs_the_distributions(commands, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    ready = program(tmp_path / "package", RUNS)
    program(commands / "apt-get", f'[ "$1" = update ] || cp {ready} {commands}/chromium')
    found = chromium.install_chromium(Environment(tmp_path), tmp_path)
    assert found == str(commands / "chromium")


def test_whoever_may_not_has_playwright_bring_one(commands, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    browser = tmp_path / ".cache/ms-playwright/chromium-1/chrome-linux64/chrome"
    program(browser.with_name("ready"), RUNS)
    copy = f'[ "$*" = "-m playwright install chromium" ] && cp {browser.parent}/ready {browser}'
    program(tmp_path / ".venv/bin/python", copy)
    assert chromium.install_chromium(Environment(tmp_path), tmp_path) == str(browser)


def test_when_none_can_be_had_it_says_so_loudly(commands, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    program(tmp_path / ".venv/bin/python", "echo no network; exit 1")
    assert chromium.install_chromium(Environment(tmp_path), tmp_path) is None
    said = capsys.readouterr().out
    assert "no network" in said
    assert "WILL BE LEFT OUT" in said
