"""Which processes a role may see, execute and supervise."""

from dataclasses import dataclass

from apps.core.cache import CachedRead
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


process_rights = CachedRead("processes.rights", _load)
"""The rights of a role, keyed by role id."""
