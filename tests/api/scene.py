"""One record of each kind that is the caller's, and one that is another's, in the state for a deed.

A caller is a manager while the scene is made, so that what is theirs they really did; then they get
the role that is asked about.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts.models import Role, User
from apps.accounts.services import open_api_session, save_role
from apps.audit.models import AuditLog
from apps.jobs import services
from apps.jobs.models import Job, JobStep
from apps.machines.services import start_downtime
from apps.machines.states import ReasonKind
from apps.notifications.services import notify
from apps.notifications.states import NotificationKind
from apps.processes.models import Process, RoleProcessPermission
from tests.api.endpoints import Endpoint
from tests.factories import (
    PASSWORD,
    make_customer,
    make_job,
    make_machine,
    make_part,
    make_process,
    make_reason,
    make_routing,
    make_user,
)

Keys = dict[str, Any]
OWN, OTHER, MISSING = "own", "other", "missing"
NOWHERE = 10**15  # No record has such a key.
MANAGER = "manager"
OF_THE_FLOOR = {"operator": "can_execute", "supervisor": "can_supervise"}

# Which record of a side stands in an address: of jobs and steps, one in the state for the deed.
KEYS = {
    "attachments": "attachment",
    "audit-logs": "audit_log",
    "customers": "customer",
    "help-calls": "help_call",
    "job-steps": "pending",
    "jobs": "draft",
    "machine-downtimes": "downtime",
    "machines": "machine",
    "notifications": "notification",
    "parts": "part",
    "processes": "process",
    "reasons": "reason",
    "role-process-permissions": "right",
    "roles": "role",
    "routings": "routing",
    "users": "user",
    "work-logs": "work_log",
    "jobs hold": "active",
    "jobs resume": "held",
    "jobs complete": "done",
    "jobs cancel": "active",
    "jobs reopen": "completed",
    "job-steps start": "ready",
    "job-steps report": "running",
    "job-steps setup": "running",
    "job-steps run": "running",
    "job-steps pause": "running",
    "job-steps resume": "paused",
    "job-steps complete": "running",
    "job-steps skip": "ready",
    "job-steps assign": "ready",
    "job-steps correct": "running",
    "job-steps reopen": "finished",
    "job-steps undo": "running",
}

# What is sent so that nothing but the caller stands in the way.
SENT: dict[str, Callable[[Keys], dict[str, Any]]] = {
    "POST attachments/": lambda side: {"job": side["active"], "upload": a_file()},
    "PATCH attachments/{pk}/": lambda _: {"title": "Drawing"},
    "POST auth/token/": lambda side: {"username": side["username"], "password": PASSWORD},
    "POST auth/token/refresh/": lambda side: {"refresh": side["refresh"]},
    "POST customers/": lambda _: {"name": "Acme"},
    "PUT customers/by-external-id/{external_id}/": lambda _: {"name": "Acme"},
    "PATCH customers/{pk}/": lambda _: {"city": "Graz"},
    "POST health/cache/clear/": lambda _: {"prefix": "nothing-begins-so"},
    "POST help-calls/": lambda side: {"step": side["ready"]},
    "POST job-steps/": lambda side: {
        "job": side["draft"],
        "sequence": 20,
        "process": side["its_process"],
    },
    "PATCH job-steps/bulk/": lambda side: {
        "steps": [{"id": side["pending"], "version": side["version"], "instructions": "Gently"}]
    },
    "PATCH job-steps/{pk}/": lambda _: {"instructions": "Gently"},
    "POST job-steps/{pk}/assign/": lambda _: {"user": None},
    "POST job-steps/{pk}/correct/": lambda _: {"note": "Miscounted", "quantity_good": 1},
    "POST job-steps/{pk}/report/": lambda _: {"quantity_good": 1},
    "POST jobs/": lambda side: {"customer": side["customer"], "quantity": 1},
    "POST jobs/bulk/": lambda side: {"jobs": [{"customer": side["customer"], "quantity": 1}]},
    "PUT jobs/by-external-id/{external_id}/": lambda side: {
        "customer": side["buyer"],
        "quantity": 1,
    },
    "PATCH jobs/{pk}/": lambda _: {"title": "Brackets"},
    "POST machine-downtimes/": lambda side: {
        "machine": side["machine"],
        "reason": side["why_down"],
    },
    "PATCH machine-downtimes/{pk}/": lambda _: {"note": "Belt"},
    "POST machines/": lambda _: {"code": "NEW", "name": "New"},
    "PUT machines/by-external-id/{external_id}/": lambda _: {"code": "NEW", "name": "New"},
    "PATCH machines/{pk}/": lambda _: {"location": "Hall 2"},
    "POST parts/": lambda _: {"number": "NEW", "name": "New"},
    "PUT parts/by-external-id/{external_id}/": lambda _: {"number": "NEW", "name": "New"},
    "PATCH parts/{pk}/": lambda _: {"notes": "Sharp"},
    "POST processes/": lambda _: {"code": "NEW", "name": "New"},
    "PATCH processes/{pk}/": lambda _: {"description": "By hand"},
    "POST reasons/": lambda _: {"kind": "scrap", "code": "new", "name": "New"},
    "PATCH reasons/{pk}/": lambda _: {"name": "Otherwise"},
    "POST role-process-permissions/": lambda side: {
        "role": side["role"],
        "process": side["process"],
        "can_view": True,
    },
    "PATCH role-process-permissions/{pk}/": lambda _: {"can_view": False},
    "POST roles/": lambda _: {"name": "Laser operator"},
    "PATCH roles/{pk}/": lambda _: {"description": "Cuts"},
    "POST routings/": lambda side: {
        "code": "NEW",
        "name": "New",
        "steps": [{"sequence": 10, "process": side["process"]}],
    },
    "PATCH routings/{pk}/": lambda side: {
        "notes": "Slowly",
        "steps": [{"sequence": 10, "process": side["process"]}],
    },
    "POST users/": lambda side: {
        "username": "new",
        "full_name": "New",
        "role": side["viewers"],
    },
    "PATCH users/{pk}/": lambda _: {"phone": "4711"},
}
# Their body says whose record it is about, not their address.
REFERRING = {
    "POST attachments/",
    "POST help-calls/",
    "POST job-steps/",
    "PATCH job-steps/bulk/",
}
ASKED = {"GET search/": "?q=JOB-"}
names = count(1)


def a_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("note.txt", b"Mind the burr.", content_type="text/plain")


@dataclass(frozen=True, slots=True)
class Scene:
    """Who asks, and the keys of what is theirs, another's and nobody's."""

    user: User
    sides: Mapping[str, Keys]

    def address(self, endpoint: Endpoint, side: str) -> str:
        """Return the path for a record of a side."""
        parts = [part for part in endpoint.path.split("/") if part]
        deed = parts[2] if len(parts) > 2 and "{" not in parts[2] else ""
        name = KEYS.get(f"{parts[0]} {deed}") or KEYS.get(parts[0], "")
        keys = self.sides[side]
        return endpoint.path.format(
            pk=keys.get(name), external_id=f"{side}-{name}", code=f"S-{keys['ready']}"
        ) + ASKED.get(str(endpoint), "")

    def body(self, endpoint: Endpoint, side: str) -> dict[str, Any] | None:
        """Return what is sent; None without a body."""
        make = SENT.get(str(endpoint))
        return make(self.sides[side]) if make else None


def is_about_a_record(endpoint: Endpoint) -> bool:
    """Whether it makes a difference whose record it is, or whether there is one."""
    return "{" in endpoint.path or str(endpoint) in REFERRING


def make_scene(role: str) -> Scene:
    """Make a shop in which a user of the role has something of everything."""
    ours, theirs = make_process(), make_process()
    for code, right in OF_THE_FLOOR.items():
        implied = ("can_view", "can_execute", "can_supervise")
        given = dict.fromkeys(implied[: implied.index(right) + 1], True)
        RoleProcessPermission.objects.create(
            role=Role.objects.get(code=code), process=ours, **given
        )
    me, stranger = make_user(MANAGER), make_user(MANAGER)
    sides = {
        OWN: make_side(OWN, me, ours),
        OTHER: make_side(OTHER, stranger, theirs),
    }
    newest = AuditLog.objects.order_by("-pk").values_list("pk", flat=True)
    sides[OWN]["audit_log"], sides[OTHER]["audit_log"] = newest[:2]
    sides[OTHER]["user"] = make_user("viewer").pk  # Of whom nothing is known, and who may go.
    there = {name: sides[OWN][name] for name in ("buyer", "its_process", "version")}
    sides[MISSING] = dict.fromkeys(sides[OWN], NOWHERE) | there
    me.role = Role.objects.get(code=role)
    me.save(update_fields=["role"])
    me = User.objects.get(pk=me.pk)
    return Scene(me, sides)


def make_side(name: str, user: User, process: Process) -> Keys:
    """Make what is one user's: steps that are assigned to them, of a process, and their jobs."""
    return {
        **_jobs(name, user, process),
        **_records(name, user),
        "its_process": process.pk,
        "user": user.pk,
        "username": user.username,
        "refresh": open_api_session(user, address="127.0.0.1").refresh,
        "viewers": Role.objects.get(code="viewer").pk,
    }


def _jobs(name: str, user: User, process: Process) -> Keys:
    buyer, routing, planner = make_customer(), make_routing(process), make_user("planner")

    def job(*, released: bool = True, **fields: Any) -> Job:
        made = make_job(actor=planner, customer=buyer, routing=routing, released=released, **fields)
        JobStep.objects.filter(job=made).update(assigned_to=user)
        return made

    def step(*deeds: Callable[..., Any]) -> JobStep:
        found = job().steps.get()
        for deed in deeds:
            deed(found.pk, actor=user)
        return JobStep.objects.get(pk=found.pk)

    draft = job(released=False, external_id=f"{name}-draft")
    active, held = job(), services.hold_job(job().pk, actor=user)
    running = step(services.start_step)
    paused = step(services.start_step, services.pause_step)
    finished = step(services.start_step, services.complete_step)
    completed = step(services.start_step, services.complete_step).job
    done = services.reopen_job(step(services.start_step, services.complete_step).job_id, actor=user)
    pending = draft.steps.get()
    return {
        "buyer": buyer.pk,
        "draft": draft.pk,
        "active": active.pk,
        "held": held.pk,
        "done": done.pk,
        "completed": completed.pk,
        "pending": pending.pk,
        "version": pending.version,
        "ready": active.steps.get().pk,
        "running": running.pk,
        "paused": paused.pk,
        "finished": finished.pk,
        "work_log": running.logs.get().pk,
        "help_call": services.raise_help(actor=user, step_id=running.pk).pk,
        "attachment": services.attach_file(
            actor=user, target=active, upload=ContentFile(b"Mind the burr.", "note.txt")
        ).pk,
    }


def _records(name: str, user: User) -> Keys:
    """Make what can be deleted, for nothing refers to it."""
    n = next(names)
    role = Role(code=f"{name}-{n}", name=f"{name} {n}")
    save_role(role, actor=make_user("administrator"))
    why_down = make_reason(ReasonKind.DOWNTIME)
    right = RoleProcessPermission.objects.create(
        role=Role.objects.get(code="viewer"), process=make_process(), can_view=True
    )
    return {
        "customer": make_customer(external_id=f"{name}-customer").pk,
        "downtime": start_downtime(make_machine().pk, reason=why_down, actor=user).pk,
        "machine": make_machine(external_id=f"{name}-machine").pk,
        "notification": notify(user, kind=NotificationKind.STEP_ASSIGNED, title="A step").pk,
        "part": make_part(external_id=f"{name}-part").pk,
        "process": make_process().pk,
        "reason": make_reason().pk,
        "right": right.pk,
        "role": role.pk,
        "routing": make_routing().pk,
        "why_down": why_down.pk,
    }
