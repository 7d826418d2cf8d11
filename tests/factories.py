"""Rows for tests: each factory sets only what the database demands."""

from itertools import count
from typing import Any

from django.db import connection

from apps.accounts.models import Role, User
from apps.catalog.models import Part
from apps.core.cache import Renewal
from apps.customers.models import Customer
from apps.jobs import services
from apps.jobs.models import Job, JobStep, Routing, RoutingStep
from apps.machines.models import Machine, Reason
from apps.machines.states import ReasonKind
from apps.processes.models import Process, RoleProcessPermission
from apps.processes.selectors import process_rights

PASSWORD = "correct horse battery"  # noqa: S105 - of users in tests only

_numbers = count(1)


def number() -> int:
    """Return a number no other row of this run has."""
    return next(_numbers)


def settle() -> None:
    """Have the cache forget what has been changed so far, as if it were committed."""
    waiting = connection.run_on_commit
    for entry in [each for each in waiting if isinstance(each[1], Renewal)]:
        waiting.remove(entry)
        entry[1]()


def make_user(role: str = "operator", **fields: Any) -> User:
    """A user with one of the starting roles, by its code."""
    n = number()
    fields.setdefault("username", f"{role}{n}")
    fields.setdefault("full_name", f"{role.title()} {n}")
    user = User(role=Role.objects.get(code=role), **fields)
    user.set_password(PASSWORD)
    user.save(force_insert=True)
    settle()
    return user


def make_process(**fields: Any) -> Process:
    n = number()
    return Process.objects.create(
        **{"code": f"P{n}", "name": f"Process {n}", "needs_machine": False} | fields
    )


def make_machine(*processes: Process, **fields: Any) -> Machine:
    n = number()
    machine = Machine.objects.create(**{"code": f"M{n}", "name": f"Machine {n}"} | fields)
    machine.processes.set(processes)
    return machine


def make_customer(**fields: Any) -> Customer:
    return Customer.objects.create(**{"name": f"Customer {number()}"} | fields)


def make_part(**fields: Any) -> Part:
    n = number()
    return Part.objects.create(**{"number": f"A-{n}", "name": f"Part {n}"} | fields)


def make_reason(kind: ReasonKind = ReasonKind.SCRAP, **fields: Any) -> Reason:
    n = number()
    return Reason.objects.create(**{"kind": kind, "code": f"r{n}", "name": f"Reason {n}"} | fields)


def permit(user: User, process: Process, right: str = "can_execute") -> None:
    """Give the user's role a right to the process, and the rights it implies."""
    implied = ("can_view", "can_execute", "can_supervise")
    rights = dict.fromkeys(implied[: implied.index(right) + 1], True)
    RoleProcessPermission.objects.update_or_create(role=user.role, process=process, defaults=rights)
    process_rights.renew(user.role_id)


def make_routing(*processes: Process, **fields: Any) -> Routing:
    """A routing with one step a process, at sequences 10, 20, …"""
    n = number()
    routing = Routing.objects.create(**{"code": f"R{n}", "name": f"Routing {n}"} | fields)
    for place, process in enumerate(processes, start=1):
        RoutingStep.objects.create(
            routing=routing,
            sequence=10 * place,
            process=process,
            setup_minutes=10,
            run_minutes_per_unit="1.5",
        )
    return routing


def make_job(
    *processes: Process, actor: User | None = None, released: bool = False, **fields: Any
) -> Job:
    """A job with one step a process (one process of its own when none is given)."""
    planner = actor or make_user("planner")
    routing = fields.pop("routing", None) or make_routing(*(processes or (make_process(),)))
    given = {"customer": fields.pop("customer", None) or make_customer(), "quantity": 10} | fields
    job = services.create_job(Job(routing=routing, **given), actor=planner)
    return services.release_job(job.pk, actor=planner) if released else job


def make_step(*, released: bool = True, **fields: Any) -> JobStep:
    """The first step of a job of its own; released, it is ready."""
    return make_job(released=released, **fields).steps.get()
