"""Every check that `bin/test` makes before the tests: what is run, and with which variables."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from launcher.venv import Environment

SHELL_SCRIPTS = ("bin/up", "bin/test", "bin/launcher/python.sh", ".ci/run")

_PARSE_EACH = 'for file; do sh -n "$file" || exit 1; done'
# Made first and kept: what each worker of the tests has is a copy of it.
TEST_DATABASE = "test database"
_PATTERN = ("--create-db", "--reuse-db", "tests/migrations/test_pattern.py")
_COMPOSE_SCHEMA = ("--builtin-schema", "vendor.compose-spec")


@dataclass(frozen=True)
class Check:
    """A command that must end with 0, and what it needs in its environment."""

    name: str
    command: list[str]
    environ: Mapping[str, str] = field(default_factory=dict)


def production_variables() -> dict[str, str]:
    """Return what a production process cannot start without, beside the servers' addresses."""
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "SECRET_KEY": secrets.token_urlsafe(60)[:60],
        "ALLOWED_HOSTS": "andon.example",
        "CSRF_TRUSTED_ORIGINS": "https://andon.example",
    }


def all_checks(environment: Environment) -> list[Check]:
    """Return the checks in the order in which they are started."""
    manage = [str(environment.python), "manage.py"]

    def tool(name: str, *arguments: str) -> list[str]:
        return [environment.command(name), *arguments]

    return [
        Check("ruff check", tool("ruff", "check", ".")),
        Check("ruff format", tool("ruff", "format", "--check", ".")),
        Check("mypy", tool("mypy")),
        Check(TEST_DATABASE, tool("pytest", *_PATTERN)),
        Check("import contracts", tool("lint-imports")),
        Check("templates' format", tool("djlint", "templates", "--check")),
        Check("templates' faults", tool("djlint", "templates", "--lint")),
        Check("migrations are complete", [*manage, "makemigrations", "--check", "--dry-run"]),
        Check(
            "production settings",
            [*manage, "check", "--deploy", "--fail-level", "WARNING"],
            production_variables(),
        ),
        Check("Dockerfile", tool("hadolint", "docker/Dockerfile")),
        Check("compose file", tool("check-jsonschema", *_COMPOSE_SCHEMA, "docker/compose.yaml")),
        Check("shell scripts", ["sh", "-c", _PARSE_EACH, "sh", *SHELL_SCRIPTS]),
    ]
