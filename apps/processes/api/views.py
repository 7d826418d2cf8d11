"""Processes, and which role may do them."""

from collections.abc import Sequence

from apps.api.filters import flag, reference, text
from apps.api.records import Changes, Creates, Deletes
from apps.processes import services
from apps.processes.api.items import ProcessItem, RoleProcessPermissionItem
from apps.processes.api.rows import ProcessRow, RoleProcessPermissionRow
from apps.processes.models import Process, RoleProcessPermission


class ProcessView(Creates[Process], Changes[Process], Deletes[Process]):
    """What the shop can do. No role may do a new one until it is given the right."""

    model, row, item = Process, ProcessRow, ProcessItem
    reads = "everyone"
    searched = True
    orderings = {"id": ("pk",), "name": ("name",), "code": ("code",)}
    filters = {"code": text(), "name": text(), "is_active": flag(), "needs_machine": flag()}

    def remove(self, record: Process) -> None:
        services.delete_process(record, actor=self.actor)


class RoleProcessPermissionView(
    Creates[RoleProcessPermission],
    Changes[RoleProcessPermission],
    Deletes[RoleProcessPermission],
):
    """What a role may do with a process; each right implies the one before it."""

    model, row, item = RoleProcessPermission, RoleProcessPermissionRow, RoleProcessPermissionItem
    filters = {"role": reference(), "process": reference()}

    def store(self, record: RoleProcessPermission, fields: Sequence[str] | None) -> None:
        services.save_right(record, actor=self.actor, fields=fields)

    def remove(self, record: RoleProcessPermission) -> None:
        services.delete_right(record, actor=self.actor)
