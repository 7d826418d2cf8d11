"""What programs send of processes, and of the rights to them."""

from apps.accounts.models import Role
from apps.api.items import Key, ModelItem
from apps.processes.models import Process, RoleProcessPermission


class ProcessItem(ModelItem):
    class Meta:
        model = Process
        fields = (
            "code",
            "name",
            "description",
            "standard_minutes",
            "needs_machine",
            "is_active",
        )


class RoleProcessPermissionItem(ModelItem):
    role = Key(Role)
    process = Key(Process)

    class Meta:
        model = RoleProcessPermission
        fields = ("role", "process", "can_view", "can_execute", "can_supervise")
