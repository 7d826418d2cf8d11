"""Addresses of processes, and of the rights to them."""

from apps.api.addresses import records
from apps.processes.api.views import ProcessView, RoleProcessPermissionView

urlpatterns = [
    *records("processes", ProcessView),
    *records("role-process-permissions", RoleProcessPermissionView),
]
