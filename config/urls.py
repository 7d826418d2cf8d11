"""Every address, by app."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from apps.api.addresses import by_name

urlpatterns = [
    by_name("api/v1/", "config.api"),  # First: what is asked most is found soonest.
    path("api/", include("apps.api.urls")),
    path("", include("apps.dashboards.urls")),
    path("", include("apps.accounts.urls")),
    path("tasks/", include("apps.floor.urls")),
    path("floor/", include("apps.floor.supervision_urls")),
    path("paper/", include("apps.paper.urls")),
    path("files/", include("apps.jobs.urls")),
    path("admin/health/", include("apps.observability.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "apps.api.faults.bad_request"
handler404 = "apps.api.faults.page_not_found"
handler500 = "apps.api.faults.server_error"

if "silk" in settings.INSTALLED_APPS:
    urlpatterns.append(path("silk/", include("silk.urls", namespace="silk")))
if "debug_toolbar" in settings.INSTALLED_APPS:
    urlpatterns.append(path("__debug__/", include("debug_toolbar.urls")))
