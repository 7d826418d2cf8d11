"""The API's addresses, by app."""

from django.urls import include, path

from apps.api.addresses import records
from apps.api.audit import AuditLogView

urlpatterns = [
    path("", include("apps.jobs.api.urls")),
    path("", include("apps.floor.api.urls")),
    path("", include("apps.customers.api.urls")),
    path("", include("apps.machines.api.urls")),
    path("", include("apps.dashboards.api.urls")),
    path("", include("apps.accounts.api.urls")),
    path("", include("apps.catalog.api.urls")),
    path("", include("apps.processes.api.urls")),
    path("", include("apps.notifications.api.urls")),
    path("", include("apps.observability.api.urls")),
    *records("audit-logs", AuditLogView),
]
