"""How many there are of what, as far as the one who asks may know.

Two parts: what all who see all jobs are told alike, and one's own. Each is read and kept by itself.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from apps.accounts.counters import USERS_BY_ROLE
from apps.core.together import Row
from apps.dashboards.asker import Asker
from apps.dashboards.asking import ROLES, ask
from apps.dashboards.own_tasks import own_tasks, tiles_of
from apps.dashboards.reckoning import Found, late_parts, total
from apps.jobs.counters import (
    JOBS_BY_STATUS,
    STEPS_BY_ASSIGNEE,
    STEPS_BY_STATUS,
    STEPS_COMPLETED,
)
from apps.jobs.states import JobStatus, StepStatus
from apps.machines.counters import MACHINES_BY_STATUS
from apps.machines.states import MachineStatus

Counts = dict[str, int]
Part = Mapping[str, Any]
AS_OF = "as_of"
TOLD = ("jobs", "steps", "machines", "users", "my_tasks", AS_OF)


def tell_stats(asker: Asker, shop: Part | None, own: Part) -> dict[str, Any]:
    """Return what the asker is told: of the shop, if they see all jobs, and of their own."""
    told = {**own, **(shop or {})}
    if shop is not None:
        told[AS_OF] = min(own[AS_OF], shop[AS_OF])
    if not asker.sees_users:
        told["users"] = None
    return {name: told.get(name) for name in TOLD}


def count_jobs(found: Found) -> Counts:
    """Return how many jobs there are of each status, none left out. Asks for JOBS_BY_STATUS."""
    return {each: found[JOBS_BY_STATUS][each,].count for each in JobStatus.values}


def read_shop_stats(day: date) -> Part:
    """Return what goes on in the shop on a day. Queries: 1."""
    as_of, late = timezone.now(), late_parts(day)
    parts = (JOBS_BY_STATUS, *late, STEPS_BY_STATUS, MACHINES_BY_STATUS, USERS_BY_ROLE)
    found, rows = ask(parts, roles=ROLES)
    jobs, steps = count_jobs(found), found[STEPS_BY_STATUS]
    return {
        "jobs": {"total": sum(jobs.values()), **jobs, "overdue": total(found, late)},
        "steps": {each: steps[each,].count for each in StepStatus.values},
        "machines": _machines(found),
        "users": _users(found, rows["roles"]),
        AS_OF: as_of,
    }


def read_own_stats(asker: Asker) -> Part:
    """Return how many steps are the asker's, and how many of them they have to do. Queries: 1."""
    as_of, own = timezone.now(), STEPS_BY_ASSIGNEE.part(asker.user_id)
    completed = STEPS_COMPLETED.part(asker.day, asker.user_id)
    found, rows = ask((own, completed), tasks=own_tasks(asker))
    return {
        "steps": {each: found[own][asker.user_id, each].count for each in StepStatus.values},
        "my_tasks": _my_tasks(rows["tasks"], total(found, (completed,))),
        AS_OF: as_of,
    }


def _machines(found: Found) -> Counts:
    """Return how many machines there are; idle, running and down are told of those in use."""
    machines = found[MACHINES_BY_STATUS]
    in_use = {each: machines[True, each].count for each in MachineStatus.values}
    every = sum(amounts.count for amounts in machines.values())
    return {"total": every, "active": sum(in_use.values()), **in_use}


def _users(found: Found, roles: Iterable[Row]) -> dict[str, Any]:
    """Return how many users there are; by role those who may sign in."""
    users = found[USERS_BY_ROLE]
    by_role = {role["name"]: users[role["id"], True].count for role in roles}
    every = sum(amounts.count for amounts in users.values())
    return {"total": every, "active": sum(by_role.values()), "by_role": by_role}


def _my_tasks(counted: list[Row], completed: int) -> Counts:
    counts = {tile.status: tile.count for tile in tiles_of(counted[0])}
    return {
        "ready": counts["ready"],
        "in_progress": counts["in_progress"],
        "paused": counts["paused"],
        "completed_today": completed,
    }
