"""The rows of users, processes, and what each role may do with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import cycle
from random import Random

from django.contrib.auth.hashers import make_password

from apps.demo.companies import COUNTRIES, plain
from apps.demo.floor import INSPECTION, PROCESSES
from benchmarks.data import shape
from benchmarks.data.clock import Clock
from benchmarks.data.rows import Filled, Table, numbered
from benchmarks.data.sizes import Size
from benchmarks.data.words import SURNAMES

PASSWORD = "andon"  # noqa: S105 - of users in benchmarks only
OPERATOR, SUPERVISOR = "operator", "supervisor"

# Operators who belong to a crew have a role of their own, which executes its processes.
CREWS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "sheet_metal": ("Sheet metal operator", ("SAW", "LAS", "BND", "DEB")),
    "machinist": ("Machinist", ("SAW", "TRN", "MIL", "DRL", "GRD")),
    "welder": ("Welder", ("WLD", "GRD", "DEB")),
    "finisher": ("Finisher", ("WSH", "PNT", "ENG")),
    "assembler": ("Assembler", ("ASM", "INS", "PCK")),
}
PROCESS_KEYS = {process.code: key for key, process in enumerate(PROCESSES, start=1)}

_RECORD = ("created_at", "updated_at", "version")
USER_TABLE = Table(
    "users",
    (
        *("id", "username", "full_name", "email", "phone", "role_id", "badge_code", "pin"),
        *("password", "is_active", *_RECORD),
    ),
)
PROCESS_TABLE = Table(
    "processes",
    (
        *("id", "code", "name", "description", "standard_minutes", "needs_machine", "is_active"),
        *_RECORD,
    ),
)
RIGHTS_TABLE = Table(
    "role_process_permissions",
    ("id", "role_id", "process_id", "can_view", "can_execute", "can_supervise", *_RECORD),
)


@dataclass(frozen=True, slots=True)
class People:
    """Keys of users, as text: who plans, who supervises, who works, and who can do a process."""

    planners: tuple[str, ...]
    supervisors: tuple[str, ...]
    operators: tuple[str, ...]
    workers: Mapping[int, tuple[str, ...]]


def make_people(
    rng: Random, size: Size, clock: Clock, roles: Mapping[str, int]
) -> tuple[People, list[Filled]]:
    """Return the people, and the rows of users, processes and rights.

    ``roles`` are the keys of all roles, by code. The first user of a role is called by its code.
    """
    codes = _role_codes(size)
    record = (clock.text(0), clock.text(0), 1)
    active = [rng.random() > shape.RETIRED or n < len(set(codes)) for n in range(size.users)]
    having: dict[str, list[str]] = {code: [] for code in roles}
    for key, (code, is_active) in enumerate(zip(codes, active, strict=True), start=1):
        if is_active:
            having[code].append(str(key))
    workers = {
        key: tuple(
            user
            for role, users in having.items()
            if may_execute(role, code) and role != SUPERVISOR
            for user in users
        )
        for code, key in PROCESS_KEYS.items()
    }
    people = People(
        planners=tuple(having["planner"]),
        supervisors=tuple(having[SUPERVISOR]),
        operators=tuple(user for role in (OPERATOR, *CREWS) for user in having[role]),
        workers=workers,
    )
    return people, [
        (USER_TABLE, _user_rows(rng, codes, active, roles, record)),
        (PROCESS_TABLE, _process_rows(record)),
        (RIGHTS_TABLE, _rights_rows(roles, record)),
    ]


def may_execute(role: str, process: str) -> bool:
    """Whether the role executes the process; supervisors all, operators all but inspection."""
    if role in CREWS:
        return process in CREWS[role][1]
    return role == SUPERVISOR or (role == OPERATOR and process != INSPECTION)


def _role_codes(size: Size) -> list[str]:
    """Return each user's role: one of every role first, then as the shop is made up."""
    shares = {
        "administrator": shape.ADMINISTRATORS,
        "manager": shape.MANAGERS,
        "planner": shape.PLANNERS,
        SUPERVISOR: shape.SUPERVISORS,
        "viewer": shape.VIEWERS,
    }
    codes = [*shares, OPERATOR, *CREWS]
    for role, share in shares.items():
        codes += [role] * (round(size.users * share) - 1)
    floor = size.users - len(codes)
    generalists = round(floor * shape.GENERALISTS)
    crews = [crew for crew, _ in zip(cycle(CREWS), range(floor - generalists), strict=False)]
    return [*codes, *[OPERATOR] * generalists, *crews]


def _user_rows(
    rng: Random,
    codes: list[str],
    active: list[bool],
    roles: Mapping[str, int],
    record: tuple[object, ...],
) -> str:
    password = make_password(PASSWORD)  # Once: hashing is slow on purpose.
    rows = []
    for key, (role, is_active) in enumerate(zip(codes, active, strict=True), start=1):
        country = rng.choice(COUNTRIES)
        given, family = rng.choice(country.given), rng.choice((*country.families, *SURNAMES[:500]))
        first = key <= len(codes) and codes.index(role) == key - 1
        username = role if first else f"{plain(given)}.{plain(family)}{key}".lower()
        rows.append(
            (
                *(username, f"{given} {family}", f"{username}@andon.example.com"),
                *("", roles[role], f"B-{key:05}", "", password, is_active, *record),
            )
        )
    return numbered(rows)


def _process_rows(record: tuple[object, ...]) -> str:
    return numbered(
        (
            *(each.code, each.name, each.description, each.standard_minutes),
            *(each.needs_machine, True, *record),
        )
        for each in PROCESSES
    )


def _rights_rows(roles: Mapping[str, int], record: tuple[object, ...]) -> str:
    """Crews see their own processes only; operators and supervisors see all."""
    return numbered(
        (
            *(roles[role], key, True),
            *(may_execute(role, code), role == SUPERVISOR, *record),
        )
        for role in (OPERATOR, SUPERVISOR, *CREWS)
        for code, key in PROCESS_KEYS.items()
        if role not in CREWS or may_execute(role, code)
    )
