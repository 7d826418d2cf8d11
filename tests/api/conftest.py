"""A program that calls the API as a user, and Andon in a process of its own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test import Client

from apps.accounts.models import User
from tests.factories import make_user, settle
from tests.observability.serving import database_urls, environ, serving

BASE = "/api/v1/"


@dataclass
class Program:
    """Calls the API with a user's session; answers are Django's test responses, ``json`` added."""

    client: Client
    user: User

    def get(self, path: str, /, **headers: str) -> Any:
        return self._ask("get", path, None, headers)

    def post(self, path: str, data: Any = None, /, **headers: str) -> Any:
        return self._ask("post", path, data or {}, headers)

    def patch(self, path: str, data: Any = None, /, **headers: str) -> Any:
        return self._ask("patch", path, data or {}, headers)

    def put(self, path: str, data: Any = None, /, **headers: str) -> Any:
        return self._ask("put", path, data or {}, headers)

    def delete(self, path: str, /, **headers: str) -> Any:
        return self._ask("delete", path, None, headers)

    def version(self, path: str) -> str:
        return self.get(path)["ETag"]

    def _ask(self, method: str, path: str, data: Any, headers: dict[str, str]) -> Any:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        address = path if path.startswith(("/", "http")) else BASE + path
        more = {} if data is None else {"data": orjson.dumps(data)}
        if data is not None:
            more["content_type"] = "application/json"
        return getattr(self.client, method)(address, headers=given, **more)


@pytest.fixture
def program(db: None) -> Callable[..., Program]:
    """Return a function that makes a program of a user, or of a new one of a role."""

    def run(who: User | str) -> Program:
        user = make_user(who) if isinstance(who, str) else who
        client = Client()
        client.force_login(user)
        settle()
        return Program(client, user)

    return run


@pytest.fixture
def planning(program: Callable[..., Program]) -> Program:
    return program("planner")


@pytest.fixture
def served(committed: None, tmp_path: Path) -> Iterator[str]:
    """The address of Andon in a process of its own, over the rows that the test has committed.

    Asked for last: what that process keeps of them, it reads when it is first asked.
    """
    name = connection.settings_dict["NAME"]
    variables = database_urls(name) | {"ANDON_DATA": str(tmp_path)}
    with serving(environ("config.settings.test", **variables), tmp_path / "web.log") as base:
        yield base
