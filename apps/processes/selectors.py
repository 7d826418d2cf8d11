"""Which processes a role may see, execute and supervise."""

from collections.abc import Iterable
from dataclasses import dataclass

from apps.core.cache import CachedRead, Per
from apps.processes.models import RoleProcessPermission


@dataclass(frozen=True, slots=True)
class ProcessRights:
    """Ids of the processes a role has each right to."""

    view: frozenset[int]
    execute: frozenset[int]
    supervise: frozenset[int]


def _load(role_id: int) -> ProcessRights:
    rows = RoleProcessPermission.objects.filter(role=role_id).values_list(
        "process_id", "can_view", "can_execute", "can_supervise"
    )
    columns = [frozenset(row[0] for row in rows if row[right]) for right in (1, 2, 3)]
    return ProcessRights(*columns)


def _roles() -> Iterable[int]:
    return RoleProcessPermission.objects.values_list("role_id", flat=True).distinct()


process_rights = CachedRead("processes.rights", _load, per=Per.ROLE, warm=_roles)
"""The rights of a role, keyed by role id."""
