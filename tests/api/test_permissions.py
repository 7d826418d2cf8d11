"""Who gets which answer where: `permissions.toml`, asked as it stands there."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.roles import ADMINISTRATOR, STARTING_ROLES
from apps.accounts.services import make_api_token
from tests.api.endpoints import METHODS, Endpoint, endpoints
from tests.api.scene import MISSING, OTHER, OWN, Scene, is_about_a_record, make_scene
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

BASE = "/api/v1/"
ROLES = tuple(role.code for role in STARTING_ROLES)
TOKENS = {"read_token": {"read"}, "work_token": {"work"}, "write_token": {"read", "work", "write"}}
SIGNED_OUT = "signed_out"
CALLERS = (*ROLES, *TOKENS, SIGNED_OUT)
SIDES = (OWN, OTHER, MISSING)
TABLE = tomllib.loads((Path(__file__).parent / "permissions.toml").read_text())
GROUPS = {"everyone": ROLES, "anyone": CALLERS}


def expected(endpoint: Endpoint, caller: str) -> list[int]:
    """Return what the table says of an endpoint and a caller: a status a side."""
    section = TABLE[str(endpoint)]
    said = {
        name: answer
        for names, answer in section.items()
        if names != "scope"
        for name in _callers(names)
    }
    if caller in said:
        return _by_side(said[caller])
    if caller == SIGNED_OUT:
        return _by_side(401)
    allowed = section["scope"] in TOKENS[caller]
    return _by_side(said[ADMINISTRATOR] if allowed else 403)


def _callers(names: str) -> Iterator[str]:
    for name in names.split():
        yield from GROUPS.get(name, (name,))


def _by_side(answer: int | list[int]) -> list[int]:
    if isinstance(answer, int):
        return [answer] * 3
    own, *_, missing = answer
    return [own, answer[1] if len(answer) == len(SIDES) else own, missing]


@pytest.fixture
def asking(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let hundreds of questions follow each other, the last about what was done long before."""
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, 10**6)
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr("apps.jobs.services.undo.UNDO_WITHIN", timedelta(hours=1))


def scene_of(caller: str) -> Scene:
    return make_scene(caller if caller in ROLES else ADMINISTRATOR)


def client_of(caller: str, user: User) -> Client:
    if caller in TOKENS:
        token, plain = make_api_token(
            user=user,
            name="Gateway",
            scopes=[caller.removesuffix("_token")],
            expires_at=timezone.now() + timedelta(days=1),
            actor=make_user(ADMINISTRATOR),
        )
        assert token.user == user
        return Client(headers={"Authorization": f"Bearer {plain}"})
    client = Client()
    if caller in ROLES:
        client.force_login(user)
    return client


def ask(client: Client, endpoint: Endpoint, scene: Scene, side: str) -> Any:
    """Ask for real, and put everything back as it was."""
    sent: dict[str, Any] = {}
    body = scene.body(endpoint, side)
    if body is not None and "upload" in body:
        sent = {"data": body}
    elif endpoint.method != "GET":
        sent = {"data": orjson.dumps(body or {}), "content_type": "application/json"}
    if endpoint.method == "TRACE":
        sent = {}  # It has no body.
    if endpoint.method in {"PATCH", "DELETE"}:
        sent["headers"] = {"If-Match": "*"}
    cookies, savepoint = client.cookies.copy(), transaction.savepoint()
    address = BASE + scene.address(endpoint, side)
    answer = getattr(client, endpoint.method.lower())(address, **sent)
    if answer.streaming:
        b"".join(answer.streaming_content)  # Read to its end, a file is closed.
    transaction.savepoint_rollback(savepoint)
    transaction.savepoint_commit(savepoint)  # Else they pile up, each slower than the last.
    client.cookies = cookies  # One who signed out has not.
    return answer


def test_the_table_has_every_endpoint_and_no_other():
    assert set(TABLE) == {str(each) for each in endpoints()}
    for name, section in TABLE.items():
        said = [caller for names in section if names != "scope" for caller in _callers(names)]
        assert len(said) == len(set(said)), f"{name} says something twice"
        assert set(said) <= set(CALLERS), name


@pytest.mark.parametrize("caller", CALLERS)
def test_everyone_is_answered_as_the_table_says(caller, asking, capsys):
    scene = scene_of(caller)
    client = client_of(caller, scene.user)
    answers, wrong = {}, []

    for endpoint in endpoints():
        sides = SIDES if is_about_a_record(endpoint) else (OWN,)
        for side, status in zip(sides, expected(endpoint, caller), strict=False):
            answers[str(endpoint), side] = answer = ask(client, endpoint, scene, side)
            if answer.status_code != status:
                said = b"" if answer.streaming else answer.content
                wrong.append(f"{endpoint} ({side}): {answer.status_code}, not {status}: {said!r}")

    with capsys.disabled():
        print(f" {caller}: {len(answers)} asked", end="")  # noqa: T201 - what was shown
    assert wrong == []
    assert_lists_hold_what_may_be_read(scene, answers)


def assert_lists_hold_what_may_be_read(
    scene: Scene, answers: Mapping[tuple[str, str], Any]
) -> None:
    """Assert that of two records a list has those that are found by their keys."""
    for listed in endpoints():
        answer = answers[str(listed), OWN]
        if not listed.is_list or answer.status_code != 200:
            continue
        shown = {row["id"] for row in answer.json()["results"]}
        one = Endpoint("GET", f"{listed.path}{{pk}}/", listed.view, "retrieve")
        for side in (OWN, OTHER):
            is_found = answers[str(one), side].status_code == 200
            key = int(scene.address(one, side).split("/")[1])
            assert (key in shown) == is_found, (str(one), side)


def test_everything_can_be_done_by_someone():
    """Or a mistake in what these tests send would pass for a refusal."""
    for endpoint in endpoints():
        best = min(expected(endpoint, ADMINISTRATOR))
        assert best < 300, endpoint


def test_other_methods_than_those_of_the_table_are_not_taken(asking):
    scene = scene_of(ADMINISTRATOR)
    client = client_of(ADMINISTRATOR, scene.user)
    taken = {(each.path, each.method) for each in endpoints()}
    refused = 0

    for endpoint in endpoints():
        for method in (*METHODS, "TRACE", "OPTIONS"):
            if (endpoint.path, method) in taken:
                continue
            taken.add((endpoint.path, method))
            other = Endpoint(method, endpoint.path, endpoint.view, endpoint.action)
            answer = ask(client, other, scene, OWN)
            refused += 1
            assert answer.status_code == 405, other
            allowed = {each.strip() for each in answer["Allow"].split(",")}
            there = {each.method for each in endpoints() if each.path == endpoint.path}
            assert allowed & set(METHODS) == there, endpoint
    assert refused > len(endpoints())
