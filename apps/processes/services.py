"""Giving and taking rights to processes."""

from collections.abc import Collection

from django.db import transaction

from apps.core.policies import Actor
from apps.core.records import delete_record, require_record, save_record
from apps.processes.models import Process, RoleProcessPermission
from apps.processes.selectors import process_rights


@transaction.atomic
def save_right(
    right: RoleProcessPermission, *, actor: Actor, fields: Collection[str] | None = None
) -> None:
    """Give or change a role's rights to a process. Raises: NotPermitted, Invalid."""
    before = None if right._state.adding else RoleProcessPermission.objects.get(pk=right.pk)
    save_record(right, actor=actor, fields=fields)
    for role_id in {right.role_id, before.role_id if before else right.role_id}:
        process_rights.forget(role_id)


@transaction.atomic
def delete_right(right: RoleProcessPermission, *, actor: Actor) -> None:
    """Take a role's rights to a process away. Raises: NotPermitted."""
    delete_record(right, actor=actor)
    process_rights.forget(right.role_id)


@transaction.atomic
def delete_process(process: Process, *, actor: Actor) -> None:
    """Delete a process that nothing uses, with the rights to it.

    Raises: NotPermitted, InUse.
    """
    require_record("delete", Process, actor=actor)
    roles = list(process.role_permissions.values_list("role_id", flat=True))
    process.role_permissions.all().delete()
    delete_record(process, actor=actor)
    for role_id in roles:
        process_rights.forget(role_id)
