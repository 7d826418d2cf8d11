"""When the virtual environment is kept, completed, or made anew."""

import sys
from pathlib import Path

import pytest
from launcher import install, lock
from launcher.venv import Environment

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements"
SMALL = "# made by a tool\none==1.0 ; python_full_version < '4' \\\n    --hash=sha256:aa\n"
LARGE = f"{SMALL}two==2.0 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n    # via one\n"


@pytest.fixture
def root(tmp_path):
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements/local.txt").write_text(SMALL, encoding="ascii")
    (tmp_path / "requirements/test.txt").write_text(LARGE, encoding="ascii")
    return tmp_path


@pytest.fixture
def installed(monkeypatch):
    """Stand in for pip: note what was asked for, and put one package there."""
    done = []

    def install_one(python: Path, wanted: Path) -> None:
        done.append(wanted.name)
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        packages = python.parent.parent / "lib" / version / "site-packages"
        (packages / "one-1.0.dist-info").mkdir(exist_ok=True)
        (packages / "one.py").write_text("x = 1\n", encoding="ascii")
        record = "one.py,sha256=aa,6\n__pycache__/one.pyc,,\none-1.0.dist-info/RECORD,,\n"
        (packages / "one-1.0.dist-info/RECORD").write_text(record, encoding="ascii")

    monkeypatch.setattr(install, "install", install_one)
    monkeypatch.setattr(install, "bring_pip", lambda _python, _packages: None)
    return done


def test_a_lock_is_read_entry_by_entry(root):
    pins = lock.pins(root / "requirements/test.txt")
    assert [lock.name_and_version(pin) for pin in pins] == ["one==1.0", "two==2.0"]
    assert pins[1].count("--hash") == 2


def test_each_lock_of_the_project_contains_the_one_it_builds_on():
    assert lock.contains(REQUIREMENTS / "local.txt", REQUIREMENTS / "base.txt")
    assert lock.contains(REQUIREMENTS / "test.txt", REQUIREMENTS / "local.txt")


def test_the_second_start_installs_nothing(root, installed):
    assert Environment(root).ensure("local.txt")
    assert not Environment(root).ensure("local.txt")
    assert installed == ["local.txt"]


def test_after_the_tests_environment_the_servers_one_is_there(root, installed):
    Environment(root).ensure("test.txt")
    assert not Environment(root).ensure("local.txt")


def test_a_changed_lock_is_installed_over_what_is_there(root, installed):
    Environment(root).ensure("local.txt")
    kept = root / ".venv/kept"
    kept.touch()
    (root / "requirements/local.txt").write_text(LARGE, encoding="ascii")
    assert Environment(root).ensure("local.txt")
    assert kept.exists()


def break_interrupt(environment):
    (environment.path / "andon-installed.json").unlink()


def break_package(environment):
    (environment.site_packages() / "one.py").unlink()


def break_empty(environment):
    (environment.site_packages() / "one.py").write_bytes(b"")


def break_interpreter(environment):
    environment.python.unlink()
    environment.python.symlink_to("/nowhere/python")


@pytest.mark.parametrize(
    "break_it", [break_interrupt, break_package, break_empty, break_interpreter]
)
def test_a_broken_environment_is_made_anew(root, installed, break_it):
    environment = Environment(root)
    environment.ensure("local.txt")
    left = root / ".venv/left"
    left.touch()
    break_it(environment)
    assert environment.ensure("local.txt")
    assert not left.exists()


def test_one_that_was_moved_is_made_anew(root, installed, tmp_path_factory):
    Environment(root).ensure("local.txt")
    moved = root.rename(tmp_path_factory.mktemp("moved") / "root")
    assert Environment(moved).ensure("local.txt")
