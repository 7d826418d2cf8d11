"""A step moved over HTTP: permission, locks, transitions and everything else switched on."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from django.utils import timezone

from apps.accounts.models import User
from apps.jobs import services
from apps.jobs.models import JobStep, WorkLog
from apps.jobs.states import StepStatus
from benchmarks.bench import Bench, Task
from benchmarks.floor import connect
from benchmarks.subjects import manager, running, startable
from benchmarks.table import Line, at_most, milliseconds
from benchmarks.work import Browser, Program, Work

NUMBER = "P13"
CASE = __name__.rpartition(".")[2]


# Does something with a step, of which the key is given, and says something of it.
Does = Callable[[int, dict[str, Any]], object]
Door = Callable[[User, str], Does]


def page(user: User, deed: str) -> Does:
    """The task pages: a form, answered by a redirection."""
    browser = Browser(user)
    return lambda key, said: browser.post(f"/tasks/{key}/{deed}/", said)


def api(user: User, deed: str) -> Does:
    """The API, with a token: JSON, answered by the step as it is then."""
    program = Program(user)
    return lambda key, said: program.post(f"/api/v1/job-steps/{key}/{deed}/", said)


def start(door: Door, deed: str) -> Work:
    """Start a step."""
    step, operator = startable()
    act = door(operator, deed)
    return Work(
        do=lambda: act(step.pk, {"kind": "run"}),
        put_back=lambda: services.undo_step(step.pk, actor=operator),
    )


def report(door: Door, deed: str) -> Work:
    """Report one good piece."""
    step, operator = running()
    act = door(operator, deed)
    log = WorkLog.objects.open().get(step=step, user=operator)
    made = {"quantity_good": 1, "allow_over": True}

    def put_back() -> None:
        JobStep.objects.filter(pk=step.pk).update(quantity_good=step.quantity_good)
        WorkLog.objects.filter(pk=log.pk).update(quantity_good=log.quantity_good)

    return Work(do=lambda: act(step.pk, made), put_back=put_back)


def finish(door: Door, deed: str) -> Work:
    """Finish a step: what waits for it becomes ready."""
    step, operator = running()
    act = door(operator, deed)
    return Work(
        do=lambda: act(step.pk, {}),
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
    bare = connect()
    move = "UPDATE job_steps SET status = %s, started_at = %s WHERE id = %s"
    return Work(
        do=lambda: bare.execute(move, [StepStatus.IN_PROGRESS, timezone.now(), step.pk]),
        put_back=lambda: bare.execute(move, [StepStatus.READY, None, step.pk]),
    )


DEEDS: Mapping[str, Callable[[], Work]] = MappingProxyType(
    {
        "start a step": partial(start, page, "start"),
        "report a step": partial(report, page, "report"),
        "finish a step": partial(finish, page, "finish"),
        "API, start a step": partial(start, api, "start"),
        "API, report a step": partial(report, api, "report"),
        "API, finish a step": partial(finish, api, "complete"),
    }
)
WORKS: Mapping[str, Callable[[], Work]] = MappingProxyType(
    {**DEEDS, "patch": patch, "update": update}
)


def lines(bench: Bench) -> Iterator[Line]:
    """Count the queries of each transition; compare it with a textbook's PATCH and an UPDATE."""
    *transitions, textbook, floor = bench.measure(
        *(Task("andon", bench.full, CASE, name) for name in DEEDS),
        Task("textbook", bench.full, CASE, "patch"),
        Task("andon", bench.full, CASE, "update"),
    )
    theirs = f"textbook: {milliseconds(textbook.cpu)}, {textbook.queries} queries"
    for what, ours in zip(DEEDS, transitions, strict=True):
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
