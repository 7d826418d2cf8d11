"""What the trail costs the one who writes: a service call beside the same without it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from functools import partial
from types import MappingProxyType

from apps.core.acting import Source, acting_as
from apps.jobs import services
from apps.jobs.models import JobStep, WorkLog
from apps.jobs.services import Report
from benchmarks.bench import Bench, Task
from benchmarks.subjects import running, startable
from benchmarks.table import Line, milliseconds
from benchmarks.triggers import without_triggers
from benchmarks.work import Work

NUMBER = "P13"
CASE = __name__.rpartition(".")[2]
WITHOUT = ", without audit"

_unaudited = partial(without_triggers, "pgtrigger_audit_")


def start(*, audited: bool) -> Work:
    """Start a step."""
    step, operator = startable()

    def do() -> None:
        with acting_as(operator.pk, Source.TASKS) if audited else nullcontext():
            services.start_step(step.pk, actor=operator)

    return Work(
        do=do,
        put_back=lambda: services.undo_step(step.pk, actor=operator),
        turn=nullcontext if audited else _unaudited,
    )


def report(*, audited: bool) -> Work:
    """Report one good piece."""
    step, operator = running()
    log = WorkLog.objects.open().get(step=step, user=operator)
    piece = Report(good=1, allow_over=True)

    def do() -> None:
        with acting_as(operator.pk, Source.TASKS) if audited else nullcontext():
            services.report_step(step.pk, piece, actor=operator)

    def put_back() -> None:
        JobStep.objects.filter(pk=step.pk).update(quantity_good=step.quantity_good)
        WorkLog.objects.filter(pk=log.pk).update(quantity_good=log.quantity_good)

    return Work(do=do, put_back=put_back, turn=nullcontext if audited else _unaudited)


WORKS: Mapping[str, Callable[[], Work]] = MappingProxyType(
    {
        f"{call.__name__}{'' if audited else WITHOUT}": partial(call, audited=audited)
        for call in (start, report)
        for audited in (True, False)
    }
)


def lines(bench: Bench) -> Iterator[Line]:
    """Compare service calls with themselves while the triggers are out."""
    for name in ("start", "report"):
        audited, bare = bench.measure(
            Task("andon", bench.full, CASE, name),
            Task("andon", bench.full, CASE, f"{name}{WITHOUT}"),
        )
        yield Line(
            NUMBER,
            f"the service call to {name} a step, audited",
            audited.wall / bare.wall,
            "×",
            "the same without audit",
            seen=f"{milliseconds(audited.wall)}; without: {milliseconds(bare.wall)};"
            f" SQL {milliseconds(audited.sql)}; without: {milliseconds(bare.sql)}",
        )
