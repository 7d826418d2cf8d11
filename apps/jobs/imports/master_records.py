"""The customer, parts, processes, machines and operators that a work log names.

Each function takes names and returns the key of each one's record, made if it is missing. A
record that is there is used as the shop has it. All are few beside the rows that name them.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import count

from django.contrib.auth.hashers import make_password
from django.db.models.functions import Lower

from apps.accounts.models import Role, User
from apps.catalog.models import Part
from apps.core.errors import Conflict, Invalid
from apps.customers.models import Customer
from apps.jobs.imports.columns import longest
from apps.machines.models import Machine
from apps.processes.models import Process

CUSTOMER_CODE = "IMPORT"

_NOT_IN_USERNAMES = re.compile(r"[^\w.@+-]+")
_NOT_IN_CODES = re.compile(r"[\W_]+")
_LONGEST_CODE = longest(Process, "code")


def customer(code: str) -> Customer:
    """Return the customer with this code, made if there is none. Raises: Invalid."""
    most = longest(Customer, "code")
    if not code.isprintable() or not 0 < len(code.strip()) <= most:
        raise Invalid(f"A customer's code has 1 to {most} characters.", field="customer")
    name = "Imported work" if code.strip() == CUSTOMER_CODE else code.strip()
    return Customer.objects.get_or_create(code=code.strip(), defaults={"name": name})[0]


def parts(names: Sequence[str]) -> dict[str, int]:
    """Parts by ``external_id``, else by number without a revision."""

    def found() -> dict[str, int]:
        numbered = Part.objects.filter(number__in=names, revision="").values_list("number", "pk")
        keyed = Part.objects.filter(external_id__in=names).values_list("external_id", "pk")
        return dict(numbered) | {str(name): key for name, key in keyed}

    there = found()
    missing = [
        Part(number=name, name=name, external_id=name) for name in names if name not in there
    ]
    Part.objects.bulk_create(missing, ignore_conflicts=True)
    return _all(names, found() if missing else there)


def machines(names: Sequence[str]) -> dict[str, int]:
    """Machines by ``external_id``, else by code."""

    def found() -> dict[str, int]:
        coded = Machine.objects.filter(code__in=names).values_list("code", "pk")
        keyed = Machine.objects.filter(external_id__in=names).values_list("external_id", "pk")
        return dict(coded) | {str(name): key for name, key in keyed}

    there = found()
    missing = [
        Machine(code=name, name=name, external_id=name) for name in names if name not in there
    ]
    Machine.objects.bulk_create(missing, ignore_conflicts=True)
    return _all(names, found() if missing else there)


def processes(names: Sequence[str]) -> dict[str, int]:
    """Processes by name, upper and lower case alike."""
    wanted = {name: name.lower() for name in names}

    def found() -> dict[str, int]:
        lower = Process.objects.annotate(lower_name=Lower("name"))
        return dict(
            lower.filter(lower_name__in=set(wanted.values())).values_list("lower_name", "pk")
        )

    there = found()
    missing = {lower: name for name, lower in wanted.items() if lower not in there}
    coded = process_codes(missing.values(), set(Process.objects.values_list("code", flat=True)))
    Process.objects.bulk_create(
        [Process(code=code, name=name) for name, code in coded.items()], ignore_conflicts=True
    )
    ids = _all(wanted.values(), found() if missing else there)
    return {name: ids[lower] for name, lower in wanted.items()}


def process_codes(names: Iterable[str], taken: set[str]) -> dict[str, str]:
    """Return a short code for each name, none of them taken: ``TURNING-MILLING``."""
    codes: dict[str, str] = {}
    for name in names:
        stem = _NOT_IN_CODES.sub("-", name.upper()).strip("-")[:_LONGEST_CODE].rstrip("-") or "P"
        ends = ("" if n == 1 else f"-{n}" for n in count(1))
        free = (stem[: _LONGEST_CODE - len(end)] + end for end in ends)
        codes[name] = next(code for code in free if code not in taken)
        taken.add(codes[name])
    return codes


def operators(names: Sequence[str]) -> dict[str, int]:
    """Users by sign-in name, upper and lower case alike; new ones cannot sign in.

    Raises: Invalid when two workers would share a sign-in name.
    """
    wanted = _usernames(names)

    def found() -> dict[str, int]:
        lower = User.objects.annotate(lower_name=Lower("username"))
        keys = {username.lower() for username in wanted.values()}
        return dict(lower.filter(lower_name__in=keys).values_list("lower_name", "pk"))

    there = found()
    missing = {
        username.lower(): (username, name)
        for name, username in wanted.items()
        if username.lower() not in there
    }
    role = Role.objects.get(code="operator")
    User.objects.bulk_create(
        [
            User(
                username=username,
                full_name=name,
                role=role,
                is_active=False,
                password=make_password(None),
            )
            for username, name in missing.values()
        ],
        ignore_conflicts=True,
    )
    ids = _all((each.lower() for each in wanted.values()), found() if missing else there)
    return {name: ids[username.lower()] for name, username in wanted.items()}


def _usernames(names: Sequence[str]) -> dict[str, str]:
    """Return a sign-in name for each worker: the name, with a dot for what may not be in one."""
    wanted = {
        name: _NOT_IN_USERNAMES.sub(".", unicodedata.normalize("NFKC", name)) for name in names
    }
    holders: dict[str, str] = {}
    for name, username in wanted.items():
        holder = holders.setdefault(username.lower(), name)
        if holder.lower() != name.lower():
            raise Invalid(
                f"The workers “{holder}” and “{name}” would share the sign-in name {username}."
            )
    return wanted


def _all(names: Iterable[str], ids: dict[str, int]) -> dict[str, int]:
    """Return the ids of all names. Raises: Conflict when another session took a code meanwhile."""
    lost = [name for name in names if name not in ids]
    if lost:
        raise Conflict(f"Others make the same records at this moment ({lost[0]}). Try again.")
    return ids
