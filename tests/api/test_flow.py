"""A program that is only an HTTP client does a job from its order to its end, and is told no too.

It knows the address and two passwords; it reads no code of ours and asks no database.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.factories import PASSWORD, make_process, make_routing, make_user, permit

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PATIENCE = 30  # Seconds.
QUANTITY = 10
LIMIT = 30  # Requests a minute of one user, as this installation says.


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    head: Mapping[str, str]
    body: Any


@dataclass(frozen=True, slots=True)
class Program:
    """A client, with what it is signed in with."""

    base: str
    access: str = ""

    def ask(self, method: str, path: str, body: Any = None, **head: str) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in head.items()}
        if self.access:
            sent.setdefault("Authorization", f"Bearer {self.access}")
        data = None if body is None else json.dumps(body).encode()
        sent["Content-Type"] = "application/json"
        request = Request(f"{self.base}/api/v1/{path}", data, sent, method=method)  # noqa: S310 - our own address
        try:
            with urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - likewise
                return _told(answer)
        except HTTPError as error:
            with error:
                return _told(error)

    def sign_in(self, username: str) -> "Program":
        said = self.ask("POST", "auth/token/", {"username": username, "password": PASSWORD})
        assert said.status == 200, said
        return Program(self.base, said.body["access"])

    def done(self, method: str, path: str, body: Any = None, **head: str) -> Answer:
        """Ask for what must not be refused."""
        answer = self.ask(method, path, body, **head)
        assert answer.status < 300, answer
        return answer

    def refused(self, status: int, method: str, path: str, body: Any = None, **head: str) -> Any:
        """Ask for what must be refused; return the problem, whose form is always the same."""
        answer = self.ask(method, path, body, **head)
        assert answer.status == status, answer
        assert answer.head["Content-Type"] == "application/problem+json"
        problem = answer.body
        assert problem["status"] == status
        assert problem["type"] == f"/api/docs/problems/#{problem['code']}"
        assert problem["instance"] == f"/api/v1/{path.partition('?')[0]}"
        assert problem["request_id"] == answer.head["X-Request-ID"]
        assert problem["detail"]
        return problem


def _told(answer: Any) -> Answer:
    text = answer.read()
    return Answer(answer.status, answer.headers, json.loads(text) if text else None)


@pytest.fixture
def shop(committed: None) -> None:
    """What the office made: two who sign in, and how brackets are made."""
    sawing, packing, secret = make_process(), make_process(), make_process()
    make_user("planner", username="planner")
    operator = make_user("operator", username="operator")
    permit(operator, sawing)
    permit(operator, packing)
    make_routing(sawing, packing, code="BRACKET")
    make_routing(secret, code="SECRET")


@pytest.fixture
def program(shop: None, served: str) -> Program:
    return Program(served)


def test_a_program_takes_a_job_from_the_order_to_its_end(program):
    assert program.refused(401, "GET", "jobs/")["code"] == "not_authenticated"
    bad = program.refused(401, "GET", "jobs/", Authorization="Bearer nonsense")
    assert bad["code"] == "bad_token"
    planner, operator = program.sign_in("planner"), program.sign_in("operator")
    assert planner.done("GET", "auth/me/").body["role"]["code"] == "planner"

    customer = made_once(planner, "customers/", {"name": "Acme", "city": "Linz"})
    routing = planner.done("GET", "routings/?code=BRACKET").body["results"][0]
    order = {"customer": customer["id"], "routing": routing["id"], "quantity": QUANTITY}
    job = made_once(planner, "jobs/", order)
    assert (job["status"], job["steps_total"]) == ("draft", 2)
    refused_on_the_way_to_the_floor(planner, operator, job)

    released = planner.done("POST", f"jobs/{job['id']}/release/").body
    assert released["status"] == "active"
    again = planner.refused(409, "POST", f"jobs/{job['id']}/release/")
    assert (again["code"], again["details"]["status"]) == ("illegal_transition", "active")
    changed_by_version(planner, job["id"])

    assert work(operator) == 2
    finished = planner.done("GET", f"jobs/{job['id']}/").body
    assert (finished["status"], finished["steps_done"]) == ("completed", 2)
    logs = operator.done("GET", "work-logs/").body["results"]
    assert sum(log["quantity_good"] for log in logs) == 2 * QUANTITY

    operator.done("POST", "auth/logout/")
    assert operator.refused(401, "GET", "tasks/")["code"] == "bad_token"


def made_once(planner: Program, path: str, sent: dict[str, Any]) -> Any:
    """Make a record by a request that comes twice; another body under its key is refused."""
    first = planner.done("POST", path, sent, Idempotency_Key="order-4711")
    again = planner.done("POST", path, sent, Idempotency_Key="order-4711")
    assert first.status == 201
    assert again.body == first.body
    assert again.head["Idempotency-Replayed"] == "true"
    other = planner.refused(422, "POST", path, sent | {"notes": "x"}, Idempotency_Key="order-4711")
    assert other["code"] == "idempotency_key_reused"
    assert first.head["Location"] == f"/api/v1/{path}{first.body['id']}/"
    return planner.done("GET", f"{path}{first.body['id']}/").body


def refused_on_the_way_to_the_floor(planner: Program, operator: Program, job: Any) -> None:
    """Meet a bad request, a right that one has not, and what is not there."""
    bad = planner.refused(400, "POST", "jobs/", {"quantity": 0, "colour": "red"})
    assert [(each["pointer"], each["code"]) for each in bad["errors"]] == [("#/colour", "unknown")]
    bad = planner.refused(400, "GET", "jobs/?status=lost&page=2")
    assert [each["parameter"] for each in bad["errors"]] == ["page"]
    assert operator.refused(403, "POST", "customers/", {"name": "Mine"})["code"] == "not_permitted"
    assert operator.refused(403, "GET", "customers/")["code"] == "not_permitted"
    assert planner.refused(404, "GET", "jobs/999999999/")["code"] == "not_found"
    secret = planner.done("GET", "routings/?code=SECRET").body["results"][0]
    order = {"customer": job["customer"]["id"], "routing": secret["id"], "quantity": 1}
    hidden = planner.done("POST", "jobs/", order).body
    assert operator.refused(404, "GET", f"jobs/{hidden['id']}/")["code"] == "not_found"
    assert operator.refused(404, "POST", f"jobs/{hidden['id']}/release/")["code"] == "not_found"


def changed_by_version(planner: Program, key: int) -> None:
    """Change a job in the version that was read: not without one, and not in an older one."""
    read = planner.done("GET", f"jobs/{key}/")
    path, change = f"jobs/{key}/", {"priority": "urgent"}
    unchanged = planner.ask("GET", path, If_None_Match=read.head["ETag"])
    assert (unchanged.status, unchanged.body) == (304, None)
    assert planner.refused(428, "PATCH", path, change)["code"] == "version_required"
    changed = planner.done("PATCH", path, change, If_Match=read.head["ETag"])
    assert changed.body["priority"] == "urgent"
    stale = planner.refused(412, "PATCH", path, {"title": "x"}, If_Match=read.head["ETag"])
    assert stale["code"] == "stale"
    assert stale["details"]["current"] == changed.body
    assert planner.done("GET", path).body == changed.body


def work(operator: Program) -> int:
    """Do whatever there is to do until nothing is left; return how many steps it was."""
    steps = 0
    while ready := operator.done("GET", "tasks/").body["ready"]:
        step = ready[0]
        at = f"job-steps/{step['id']}"
        early = operator.refused(409, "POST", f"{at}/complete/", {"quantity_good": 1})
        assert early["code"] == "illegal_transition"
        assert operator.done("POST", f"{at}/start/").body["status"] == "in_progress"
        assert operator.refused(409, "POST", f"{at}/start/")["code"] == "already_started"
        assert operator.refused(403, "POST", f"{at}/skip/")["code"] == "process_not_permitted"
        operator.done("POST", f"{at}/report/", {"quantity_good": 3}, Idempotency_Key=f"{at}-1")
        operator.done("POST", f"{at}/report/", {"quantity_good": 3}, Idempotency_Key=f"{at}-1")
        over = operator.refused(409, "POST", f"{at}/complete/", {"quantity_good": QUANTITY})
        assert over["code"] == "over_quantity"
        done = operator.done("POST", f"{at}/complete/", {"quantity_good": QUANTITY - 3}).body
        assert (done["status"], done["quantity_good"]) == ("completed", QUANTITY)
        steps += 1
    return steps


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what is served let few requests through."""
    monkeypatch.setenv("RATE_LIMIT_USER", str(LIMIT))


def test_who_guesses_and_who_asks_too_often_is_told_to_wait(few, program):
    planner = program.sign_in("planner")
    guess = {"username": "operator", "password": "guess"}
    wrong = [program.refused(401, "POST", "auth/token/", guess)["code"] for _ in range(5)]
    assert set(wrong) == {"wrong_credentials"}
    locked = program.ask("POST", "auth/token/", guess | {"password": PASSWORD})
    assert (locked.status, locked.body["code"]) == (429, "sign_in_locked")
    assert 0 < int(locked.head["Retry-After"]) <= 15 * 60

    stopped = asked_until_stopped(planner)
    assert stopped.body["code"] == "too_many_requests"
    assert 0 < int(stopped.head["Retry-After"]) <= 60
    assert f'"user";q={LIMIT};w=60' in stopped.head["RateLimit-Policy"]
    assert '"user";r=0' in stopped.head["RateLimit"]


def asked_until_stopped(program: Program) -> Answer:
    """Ask for what is cheap until it is too often; a minute may turn meanwhile."""
    for _ in range(2 * LIMIT + 1):
        answer = program.ask("GET", "auth/me/")
        if answer.status != 200:
            return answer
    message = "nobody stopped it"
    raise AssertionError(message)
