"""A step moved over HTTP: permission, locks, transitions and everything else switched on."""

import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import psycopg
from django.db import connection
from django.utils import timezone

from apps.jobs import services
from apps.jobs.models import JobStep, WorkLog
from apps.jobs.states import StepStatus
from benchmarks.bench import Bench, Task
from benchmarks.subjects import manager, running, startable
from benchmarks.table import Line, at_most, milliseconds
from benchmarks.work import Browser, Work

NUMBER = "P13"
CASE = __name__.rpartition(".")[2]


def start() -> Work:
    """Press Start."""
    step, operator = startable()
    browser = Browser(operator)
    return Work(
        do=lambda: browser.post(f"/tasks/{step.pk}/start/", {"kind": "run"}),
        put_back=lambda: services.undo_step(step.pk, actor=operator),
    )


def report() -> Work:
    """Report one good piece."""
    step, operator = running()
    browser = Browser(operator)
    log = WorkLog.objects.open().get(step=step, user=operator)
    form = {"quantity_good": 1, "allow_over": 1}

    def put_back() -> None:
        JobStep.objects.filter(pk=step.pk).update(quantity_good=step.quantity_good)
        WorkLog.objects.filter(pk=log.pk).update(quantity_good=log.quantity_good)

    return Work(do=lambda: browser.post(f"/tasks/{step.pk}/report/", form), put_back=put_back)


def finish() -> Work:
    """Finish a step: what waits for it becomes ready."""
    step, operator = running()
    browser = Browser(operator)
    return Work(
        do=lambda: browser.post(f"/tasks/{step.pk}/finish/", {}),
        put_back=lambda: services.undo_step(step.pk, actor=operator),
    )


def patch() -> Work:
    """Change a step's status through a textbook's viewset."""
    step, _ = startable()
    browser = Browser(manager())

    def do() -> bytes:
        change = {"status": StepStatus.IN_PROGRESS, "started_at": timezone.now().isoformat()}
        body = json.dumps(change).encode()
        address = f"/api/steps/{step.pk}/"
        return browser.send("PATCH", address, body, "application/json", expect=200)

    def put_back() -> None:
        ready = {"status": StepStatus.READY, "started_at": None}
        JobStep.objects.filter(pk=step.pk).update(**ready)

    return Work(do=do, put_back=put_back)


def update() -> Work:
    """Change a step's status by one UPDATE, with nothing around it."""
    step, _ = startable()
    bare = psycopg.connect(**_address(), autocommit=True)
    move = "UPDATE job_steps SET status = %s, started_at = %s WHERE id = %s"
    return Work(
        do=lambda: bare.execute(move, [StepStatus.IN_PROGRESS, timezone.now(), step.pk]),
        put_back=lambda: bare.execute(move, [StepStatus.READY, None, step.pk]),
    )


def _address() -> dict[str, Any]:
    given = connection.get_connection_params()
    return {
        name: given[name]
        for name in ("host", "port", "dbname", "user", "password")
        if name in given
    }


WORKS: Mapping[str, Callable[[], Work]] = MappingProxyType(
    {"start": start, "report": report, "finish": finish, "patch": patch, "update": update}
)


def lines(bench: Bench) -> Iterator[Line]:
    """Count the queries of each transition; compare it with a textbook's PATCH and an UPDATE."""
    done = ("start", "report", "finish")
    *transitions, textbook, floor = bench.measure(
        *(Task("andon", bench.full, CASE, name) for name in done),
        Task("textbook", bench.full, CASE, "patch"),
        Task("andon", bench.full, CASE, "update"),
    )
    theirs = f"textbook: {milliseconds(textbook.cpu)}, {textbook.queries} queries"
    for name, ours in zip(done, transitions, strict=True):
        what = f"{name} a step"
        seen = f"{milliseconds(ours.wall)}, of it {milliseconds(ours.sql)} SQL"
        yield Line(NUMBER, what, ours.queries, "queries", "–", at_most(8), seen)
        yield Line(
            NUMBER,
            f"{what}: CPU",
            ours.cpu / textbook.cpu,
            "×",
            "a textbook's PATCH",
            at_most(2),
            f"{milliseconds(ours.cpu)}; {theirs}",
        )
        yield Line(
            NUMBER,
            f"{what}: SQL",
            ours.sql / floor.sql,
            "×",
            "a bare UPDATE",
            seen=f"{milliseconds(ours.sql)}; UPDATE: {milliseconds(floor.sql)}",
        )
