"""The roles a shop begins with, and their rights. Pure data; a shop changes them as it likes."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

ADMINISTRATOR = "administrator"
# Django's own bookkeeping, of no meaning to a shop: no role has rights to it.
HIDDEN_APPS = ("admin", "auth", "contenttypes", "sessions", "silk")

RECORDS: Mapping[str, tuple[str, ...]] = {
    "customers": ("customer",),
    "catalog": ("part",),
    "machines": ("machine", "machinedowntime", "reason"),
    "processes": ("process", "roleprocesspermission"),
    "jobs": ("routing", "routingstep", "job", "jobstep", "worklog", "helpcall", "attachment"),
}
JOB_ACTIONS = ("release", "hold", "resume", "complete", "cancel", "reopen")


def _may(actions: tuple[str, ...], *apps: str) -> tuple[str, ...]:
    """Return ``app.action_model`` for every model of the apps."""
    pairs = ((app, model) for app in apps for model in RECORDS[app])
    return tuple(f"{app}.{act}_{model}" for (app, model), act in product(pairs, actions))


WRITE = ("add", "change", "delete")
PLANNED = ("routing", "routingstep", "job", "jobstep", "attachment")  # What planners write of jobs.
SEE_ALL = (
    *_may(("view",), *RECORDS),
    "accounts.view_user",
    "accounts.view_role",
    "shop.view_shop",
    "shop.view_shift",
    "shop.view_holiday",
    "paper.view_printout",
    "paper.view_travellercopy",
)
RUN_JOBS = tuple(f"jobs.{action}_job" for action in JOB_ACTIONS)
PRINT = "paper.add_printout"
FLOOR = (
    "machines.add_machinedowntime",
    "machines.change_machinedowntime",
    "jobs.add_helpcall",
    PRINT,
)
TERMINALS = tuple(f"accounts.{action}_terminal" for action in ("view", "add", "change"))


@dataclass(frozen=True, slots=True)
class StartingRole:
    """A role as the house ships it. ``home`` is where its users land after sign-in."""

    code: str
    name: str
    description: str
    home: str
    has_office_access: bool = True
    permissions: tuple[str, ...] = ()


STARTING_ROLES = (
    StartingRole(ADMINISTRATOR, "Administrator", "Everything.", "office"),
    StartingRole(
        "manager",
        "Manager",
        "Everything but users, roles and shop settings; supervises every process.",
        "board",
        permissions=(
            *SEE_ALL,
            *_may(WRITE, *RECORDS),
            *RUN_JOBS,
            *TERMINALS,
            PRINT,
            "jobs.answer_helpcall",
            "processes.supervise_every_process",
            "audit.view_auditlog",
        ),
    ),
    StartingRole(
        "planner",
        "Planner",
        "Writes customers, parts, routings and jobs; releases, holds and cancels.",
        "office",
        permissions=(
            *SEE_ALL,
            *_may(WRITE, "customers", "catalog"),
            *(f"jobs.{action}_{model}" for action, model in product(WRITE, PLANNED)),
            *RUN_JOBS,
            PRINT,
        ),
    ),
    StartingRole(
        "supervisor",
        "Supervisor",
        "Sees all; supervises the processes given to the role; downtime; answers help calls.",
        "floor",
        permissions=(*SEE_ALL, *FLOOR, *TERMINALS, "jobs.answer_helpcall"),
    ),
    StartingRole(
        "operator",
        "Operator",
        "Works the steps of the processes given to the role; downtime; help calls.",
        "tasks",
        has_office_access=False,
        permissions=FLOOR,
    ),
    StartingRole("viewer", "Viewer", "Sees all, changes nothing.", "board", permissions=SEE_ALL),
)
