"""The files of the image and of compose, read."""

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _without_the_tests_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose says itself who learns of an owner."""
    monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)


@pytest.fixture(scope="session")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text())


@pytest.fixture(scope="session")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    return compose["services"]


@pytest.fixture(scope="session")
def dockerfile() -> list[tuple[str, str]]:
    """Instructions with their arguments, continuation lines joined."""
    text = (ROOT / "docker" / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


@pytest.fixture(scope="session")
def known_variables() -> set[str]:
    """What config/env.py and config/gunicorn.py read, and Django itself."""
    return {"DJANGO_SETTINGS_MODULE", *read_in("config/env.py"), *read_in("config/gunicorn.py")}


def read_in(path: str) -> set[str]:
    """Return the variables that a module asks `env` or `os.environ` for."""
    calls = (
        node
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.Call)
    )
    return {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and ast.unparse(call.func.value) in {"env", "os.environ"}
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and call.args[0].value.isupper()
    }
