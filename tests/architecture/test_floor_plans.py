"""The statements of the floor's pages find what they ask for in tables that grow by an index."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test import Client

from apps.accounts.models import User
from apps.floor.standing import COOKIE
from apps.jobs.models import JobStep
from tests.architecture.test_plans import FILL

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

# What a shop has more of each year. What it has hundreds of may be read whole.
GROWING = {
    "attachments",
    "audit_logs",
    "customers",
    "help_calls",
    "job_steps",
    "jobs",
    "machine_downtimes",
    "notifications",
    "parts",
    "work_logs",
}


@pytest.fixture
def step() -> JobStep:
    """A step of a shop that is full."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")  # Filling a shop is no request.
        cursor.execute(FILL)
    return JobStep.objects.filter(status="ready", machine__isnull=False).order_by("pk")[7]


def test_no_statement_of_the_floor_reads_a_growing_table_whole(client, step, subtests):
    job, stood_at = step.job.number, str(step.machine_id)
    pages = {
        "operator": [
            ("", "/tasks/"),
            (stood_at, "/tasks/"),
            ("", f"/tasks/{step.pk}/"),
            ("", f"/tasks/{step.pk}/finish/"),
            *(("", f"/tasks/scan/?code={code}") for code in (job, f"S-{step.pk}", "A-finish")),
            ("", "/tasks/end/"),
            ("", "/api/v1/tasks/"),
        ],
        "supervisor": [("", "/floor/"), ("", "/floor/shift/")],
    }
    for role, addresses in pages.items():
        user = User.objects.filter(username__startswith="fill", role__code=role).first()
        client.force_login(user)
        for machine, address in addresses:
            with subtests.test(f"{role} {address} {machine and 'at a machine'}"):
                client.cookies[COOKIE] = machine
                asked: list[tuple[str, Any]] = []
                with connection.execute_wrapper(partial(_note, asked)):
                    answer = ask(client, address)
                assert answer.status_code < 400
                assert asked
                assert {*read_whole(asked)} & GROWING == set()


def ask(client: Client, address: str) -> Any:
    """Ask for a page; what is scanned is posted."""
    path, _, code = address.partition("?code=")
    send = partial(client.post, path, {"code": code}) if code else partial(client.get, path)
    return send(headers={"Accept": "text/html, application/json"})


def _note(
    asked: list[tuple[str, Any]],
    execute: Callable[..., Any],
    sql: str,
    params: Any,
    *where: Any,
) -> Any:
    asked.append((sql, params))
    return execute(sql, params, *where)


def read_whole(asked: Iterable[tuple[str, Any]]) -> Iterator[str]:
    """Yield the tables that any of the statements reads from the first row to the last."""
    with connection.cursor() as cursor:
        for sql, params in asked:
            if sql.lstrip().startswith(("SELECT", "WITH")):
                cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
                (told,) = cursor.fetchone()
                plan = orjson.loads(told) if isinstance(told, str) else told
                yield from _scanned(plan[0]["Plan"])


def _scanned(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for below in node.get("Plans", ()):
        yield from _scanned(below)
