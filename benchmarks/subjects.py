"""Whom and what is measured: users, jobs and steps chosen from the data, the same each time."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from apps.accounts.models import User
from apps.core.errors import DomainError
from apps.jobs import services
from apps.jobs.models import Job, JobStep, WorkLog
from apps.jobs.services import Report
from apps.jobs.states import JobStatus

SEVERAL = 8  # So many of a kind take turns, so that no figure hangs on one.
TRIED = 200


def manager() -> User:
    """Return somebody who sees everything in the office and is no superuser."""
    users: QuerySet[User] = User.objects.active().with_labels()
    return users.filter(role__code="manager").order_by("pk")[0]


def operators() -> list[User]:
    """Return operators, spread evenly over all."""
    users: QuerySet[User] = User.objects.active().with_labels()
    return spread(users.filter(role__code="operator").order_by("pk"))


def jobs_of_eight() -> list[Job]:
    """Return active jobs of eight steps, spread evenly over all; of any kind where none are."""
    rows = Job.objects.filter(status=JobStatus.ACTIVE, steps_total=8)
    return spread(rows.order_by("pk")) or spread(Job.objects.order_by("pk"))


def spread(rows: "QuerySet[Any]") -> list[Any]:
    """Return SEVERAL rows, evenly spread over all of them."""
    ids = list(rows.values_list("pk", flat=True))
    chosen = ids[:: max(1, len(ids) // SEVERAL)][:SEVERAL]
    return list(rows.filter(pk__in=chosen))


def startable() -> tuple[JobStep, User]:
    """Return a ready step on a machine, and an operator who may start it."""
    steps = JobStep.objects.ready().filter(machine__isnull=False)
    everyone = operators()
    for step in steps.select_related("assigned_to").order_by("pk")[:TRIED]:
        for user in [step.assigned_to] if step.assigned_to else everyone:
            if _works(partial(services.start_step, step.pk, actor=user)):
                return step, user
    raise LookupError("Nobody can start anything.")


def running() -> tuple[JobStep, User]:
    """Return a step in progress, and the operator who works on it and may finish it."""
    logs = WorkLog.objects.open().filter(user__is_active=True).select_related("step", "user")
    for log in logs.order_by("pk")[:TRIED]:
        if _works(partial(services.complete_step, log.step_id, actor=log.user)):
            return log.step, log.user
    raise LookupError("Nothing in progress can be finished.")


def all_running(count: int) -> list[WorkLog]:
    """Return open logs of so many steps of different jobs, with who works on them."""
    logs = WorkLog.objects.open().filter(user__is_active=True).select_related("step", "user__role")
    found: dict[int, WorkLog] = {}
    for log in logs.order_by("pk")[:TRIED]:
        piece = partial(_report_one, log)
        if log.step.job_id not in found and _works(piece):
            found[log.step.job_id] = log
        if len(found) == count:
            return list(found.values())
    raise LookupError(f"Of {count} steps in progress only {len(found)} take a report.")


def _report_one(log: WorkLog) -> None:
    services.report_step(log.step_id, Report(good=1, allow_over=True), actor=log.user)


def _works(act: Callable[[], object]) -> bool:
    """Whether it would be done; it is taken back at once."""
    try:
        with transaction.atomic():
            act()
            transaction.set_rollback(True)
    except DomainError:
        return False
    return True
