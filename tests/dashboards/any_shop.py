"""A shop in which anything may have happened, at random but the same each time."""

import random
from datetime import UTC, datetime, timedelta

from apps.accounts.models import User
from apps.customers.models import Customer
from apps.jobs.models import Job, JobStep, WorkLog
from apps.jobs.states import STEP_BEGUN, JobStatus, LogKind, StepStatus
from apps.machines.models import Machine, Reason
from apps.machines.states import MachineStatus, ReasonKind
from apps.processes.models import Process
from tests.factories import make_customer, make_machine, make_process, make_reason, make_user

JOBS = 150
_TODAY = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
# A Wednesday, none longer ago: who did how much on a day is counted of the last days alone.
NOW = _TODAY - timedelta(days=(_TODAY.weekday() - 2) % 7)


def make_any_shop(user: User, seed: int = 1) -> None:
    """Make machines, and jobs with their steps and logs of the last sixteen months."""
    chance = random.Random(seed)  # noqa: S311 - the same each time is what is wanted
    people = [user, *(make_user("operator") for _ in range(3))]
    processes = [make_process() for _ in range(4)]
    machines = [
        make_machine(status=chance.choice(MachineStatus.values), is_active=chance.random() < 0.8)
        for _ in range(8)
    ]
    customer, reason = make_customer(), make_reason(ReasonKind.SCRAP)
    jobs = Job.objects.bulk_create(_job(chance, customer) for _ in range(JOBS))
    steps = JobStep.objects.bulk_create(
        _step(chance, job, chance.choice(processes), machines, people)
        for job in jobs
        for _ in range(chance.randint(1, 3))
    )
    WorkLog.objects.bulk_create(
        _log(chance, step, chance.choice(people), reason)
        for step in steps
        if step.started_at
        for _ in range(chance.randint(0, 3))
    )


def _ago(chance: random.Random, days: int) -> timedelta:
    return timedelta(seconds=chance.randrange(days * 86_400))


def _job(chance: random.Random, customer: Customer) -> Job:
    status = chance.choice(JobStatus.values)
    made = NOW - _ago(chance, 500)
    released = made + _ago(chance, 9) if status != JobStatus.DRAFT else None
    job = Job(customer=customer, quantity=10, status=status, created_at=made, released_at=released)
    if status == JobStatus.COMPLETED and released:
        job.completed_at = released + _ago(chance, 25)
    if chance.random() < 0.9:
        job.due_date = NOW.date() + timedelta(days=chance.randint(-12, 12))
    return job


def _step(
    chance: random.Random,
    job: Job,
    process: Process,
    machines: list[Machine],
    people: list[User],
) -> JobStep:
    status = chance.choice(StepStatus.values)
    step = JobStep(
        job=job,
        sequence=chance.randint(1, 9),
        process=process,
        status=status,
        machine=chance.choice([*machines, None]),
        assigned_to=chance.choice([*people, None]),
        planned_minutes=chance.randint(0, 500),
        quantity_planned=10,
    )
    if status in STEP_BEGUN:
        step.started_at = NOW - _ago(chance, 450)
    if status == StepStatus.COMPLETED and step.started_at:
        step.completed_at = NOW - _ago(chance, 3)
        step.started_at = min(step.started_at, step.completed_at)
    return step


def _log(chance: random.Random, step: JobStep, user: User, reason: Reason) -> WorkLog:
    log = WorkLog(step=step, user=user, scrap_reason=reason)
    if chance.random() < 0.9:  # The others were imported, their time unknown.
        log.ended_at = NOW - _ago(chance, chance.choice((2, 450)))
        log.started_at = log.ended_at - _ago(chance, 2)
    if chance.random() < 0.1:
        log.kind, log.note = LogKind.CORRECTION, "Miscounted"
    least = -3 if log.kind == LogKind.CORRECTION else 0
    log.quantity_good = chance.randint(least, 50)
    log.quantity_scrap = chance.randint(least, 5)
    log.quantity_rework = chance.randint(least, 3)
    return log
