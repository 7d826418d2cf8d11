"""The plain records of the API, in one table that tests walk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Model
from django.urls import resolve
from django.utils import timezone

from apps.accounts.models import Role
from apps.machines.models import MachineDowntime
from apps.machines.states import ReasonKind
from apps.processes.models import RoleProcessPermission
from tests.factories import (
    make_customer,
    make_job,
    make_machine,
    make_part,
    make_process,
    make_reason,
    make_routing,
    make_step,
    make_user,
    number,
    permit,
)

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Resource:
    """One kind of record.

    ``make`` stores one; ``body`` is what a program sends for another; ``change`` what it may send
    of a stored one; ``bad`` are values that are refused, by field. ``finds`` are, by filter, the
    values that find a record; ``term`` is what one searches it by. ``referred`` stores one that
    may not go.
    """

    name: str
    make: Callable[[], Any]
    body: Callable[[], dict[str, Any]]
    change: Values
    bad: Values
    writer: str
    finds: Callable[[Any], Values]
    term: Callable[[Any], str] | None
    referred: Callable[[], Model] | None
    reads: str = "everyone"
    untold: frozenset[str] = field(default_factory=frozenset)

    @property
    def path(self) -> str:
        return f"{self.name}/"

    @property
    def view(self) -> Any:
        return resolve(f"/api/v1/{self.path}").func.cls


def make_role() -> Role:
    n = number()
    group = Group.objects.create(name=f"group {n}")
    return Role.objects.create(code=f"role-{n}", name=f"Role {n}", group=group)


def make_downtime() -> MachineDowntime:
    return MachineDowntime.objects.create(
        machine=make_machine(),
        reason=make_reason(ReasonKind.DOWNTIME),
        reported_by=make_user(),
        started_at=timezone.now(),
    )


def make_right() -> RoleProcessPermission:
    return RoleProcessPermission.objects.create(role=make_role(), process=make_process())


def customer_body() -> dict[str, Any]:
    return {
        "name": "Aksoy Makina",
        "code": f"AX-{number()}",
        "email": "info@aksoy.example",
        "phone": "+90 312 000 00 00",
        "address": "Sanayi 1\nAnkara",
        "is_active": False,
    }


def user_body() -> dict[str, Any]:
    return {
        "username": f"ayse{number()}",
        "full_name": "Ayşe Kaya",
        "role": Role.objects.get(code="operator").pk,
        "email": f"ayse{number()}@example.com",
        "badge_code": f"B-{number()}",
        "password": "correct horse battery",
        "pin": "4711",
    }


def routing_body() -> dict[str, Any]:
    return {"code": f"R-{number()}", "name": "Bracket", "part": make_part().pk, "notes": "Deburr."}


def routed() -> Model:
    return make_job().routing


def worked_process() -> Model:
    return make_step().process


def permitted_role() -> Model:
    user = make_user("supervisor")
    permit(user, make_process())
    return user.role


RESOURCES = [
    Resource(
        name="customers",
        make=lambda: make_customer(
            external_id=f"X{number()}", email=f"a{number()}@example.com", phone=f"1{number()}"
        ),
        body=customer_body,
        change={"name": "Aksoy", "email": "", "notes": "Pays late.", "external_id": "erp-9"},
        bad={
            "name": "",
            "code": "C" * 21,
            "email": "nobody",
            "is_active": "perhaps",
            "external_id": 7 * [1],
        },
        writer="planner",
        reads="permitted",
        finds=lambda customer: {
            "code": customer.code,
            "external_id": customer.external_id,
            "name": customer.name,
            "email": customer.email,
            "phone": customer.phone,
            "created_at": customer.created_at.isoformat(),
            "updated_at": customer.updated_at.isoformat(),
        },
        term=lambda customer: customer.name,
        referred=lambda: make_job().customer,
    ),
    Resource(
        name="parts",
        make=lambda: make_part(external_id=f"X{number()}"),
        body=lambda: {"number": f"A-{number()}", "revision": "B", "name": "Bracket", "unit": "kg"},
        change={"name": "Bracket, left", "revision": "C", "is_active": False},
        bad={"number": None, "name": "x" * 161, "unit": ""},
        writer="planner",
        reads="permitted",
        finds=lambda part: {
            "number": part.number,
            "external_id": part.external_id,
            "name": part.name,
        },
        term=lambda part: part.number,
        referred=lambda: make_job(part=make_part()).part,
    ),
    Resource(
        name="machines",
        make=lambda: make_machine(make_process(), external_id=f"X{number()}"),
        body=lambda: {
            "code": f"M-{number()}",
            "name": "Lathe",
            "processes": [make_process().pk, make_process().pk],
            "capacity": 2,
            "hourly_rate": "45.50",
            "location": "Hall 2",
        },
        change={"capacity": None, "hourly_rate": "50.00", "processes": []},
        bad={
            "code": "",
            "capacity": 0,
            "hourly_rate": "-1",
            "processes": [0],
            "name": ["a"],
        },
        writer="manager",
        finds=lambda machine: {
            "status": machine.status,
            "is_active": "true",
            "code": machine.code,
            "external_id": machine.external_id,
            "process": machine.processes.get().pk,
        },
        term=lambda machine: machine.code,
        referred=lambda: make_downtime().machine,
    ),
    Resource(
        name="machine-downtimes",
        make=make_downtime,
        body=lambda: {
            "machine": make_machine().pk,
            "reason": make_reason(ReasonKind.DOWNTIME).pk,
            "note": "Smoke",
            "started_at": "2026-03-01T06:00:00Z",
            "ended_at": "2026-03-01T07:00:00Z",
        },
        change={"note": "Fire", "started_at": "2026-03-01T05:30:00Z"},
        bad={
            "machine": 0,
            "reason": None,
            "started_at": "2999-01-01T00:00:00Z",
            "ended_at": "2026-03-01T05:00:00Z",
        },
        writer="manager",
        finds=lambda downtime: {
            "machine": downtime.machine_id,
            "reason": downtime.reason_id,
            "reported_by": downtime.reported_by_id,
            "started_at": downtime.started_at.isoformat(),
            "open": "true",
        },
        term=lambda downtime: downtime.machine.code,
        referred=None,
    ),
    Resource(
        name="reasons",
        make=make_reason,
        body=lambda: {"kind": "downtime", "code": f"r-{number()}", "name": "Tool broken"},
        change={"name": "Tool worn", "is_active": False},
        bad={"kind": "weather", "code": "", "name": None},
        writer="manager",
        finds=lambda reason: {"kind": reason.kind, "code": reason.code, "is_active": "true"},
        term=lambda reason: reason.code,
        referred=lambda: make_downtime().reason,
    ),
    Resource(
        name="processes",
        make=make_process,
        body=lambda: {
            "code": f"P-{number()}",
            "name": f"Welding {number()}",
            "standard_minutes": 15,
            "needs_machine": False,
        },
        change={"standard_minutes": None, "description": "By hand.", "is_active": False},
        bad={"code": "C" * 21, "name": "", "standard_minutes": -1, "needs_machine": None},
        writer="manager",
        finds=lambda process: {
            "code": process.code,
            "name": process.name,
            "is_active": "true",
            "needs_machine": "false",
        },
        term=lambda process: process.code,
        referred=worked_process,
    ),
    Resource(
        name="role-process-permissions",
        make=make_right,
        body=lambda: {
            "role": make_role().pk,
            "process": make_process().pk,
            "can_view": True,
            "can_execute": True,
        },
        change={"can_supervise": True},
        bad={"role": 0, "process": 0, "can_view": False, "can_execute": "often"},
        writer="manager",
        reads="permitted",
        finds=lambda right: {"role": right.role_id, "process": right.process_id},
        term=None,
        referred=None,
    ),
    Resource(
        name="routings",
        make=lambda: make_routing(make_process(), part=make_part()),
        body=routing_body,
        change={"name": "Bracket, left", "part": None, "is_active": False},
        bad={"code": "", "part": 0, "steps": {}, "name": "x" * 161},
        writer="planner",
        reads="permitted",
        finds=lambda routing: {
            "code": routing.code,
            "part": routing.part_id,
            "part__isnull": "false",
        },
        term=lambda routing: routing.code,
        referred=routed,
    ),
    Resource(
        name="users",
        make=lambda: make_user("viewer", badge_code=f"B{number()}"),
        body=user_body,
        change={"full_name": "Ayşe Kaya Demir", "email": None, "badge_code": None},
        bad={
            "username": "a b",
            "role": 0,
            "email": "nobody",
            "password": "12345678",
            "pin": "12a4",
        },
        writer="administrator",
        reads="visible",
        finds=lambda user: {
            "username": user.username,
            "full_name": user.full_name,
            "role": user.role_id,
            "badge_code": user.badge_code,
            "is_active": "true",
        },
        term=lambda user: user.username,
        referred=lambda: make_downtime().reported_by,
        untold=frozenset({"password", "pin"}),
    ),
    Resource(
        name="roles",
        make=make_role,
        body=lambda: {
            "name": f"Laser {number()}",
            "home": "tasks",
            "permissions": ["customers.view_customer", "jobs.view_job"],
        },
        change={"description": "Cuts.", "permissions": ["jobs.view_job"]},
        bad={"name": "", "home": "beach", "permissions": "all", "has_office_access": 7},
        writer="administrator",
        reads="permitted",
        finds=lambda role: {"code": role.code, "name": role.name},
        term=lambda role: role.name,
        referred=permitted_role,
    ),
]
