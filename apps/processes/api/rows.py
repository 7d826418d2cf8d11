"""What programs read of processes, and of the rights to them."""

from apps.api.rows import Coded, Row
from apps.processes.models import Process, RoleProcessPermission


class ProcessRow(Row):
    class Meta:
        model = Process
        fields = (
            "id",
            "code",
            "name",
            "description",
            "standard_minutes",
            "needs_machine",
            "is_active",
            "created_at",
            "updated_at",
            "version",
        )


class RoleProcessPermissionRow(Row):
    role = Coded()
    process = Coded()

    class Meta:
        model = RoleProcessPermission
        fields = (
            "id",
            "role",
            "process",
            "can_view",
            "can_execute",
            "can_supervise",
            "created_at",
            "updated_at",
            "version",
        )
