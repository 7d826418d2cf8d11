"""Addresses for the floor."""

from django.urls import path, re_path

from apps.floor.api.scan import ScanView
from apps.floor.api.tasks import EndView, TasksView

urlpatterns = [
    path("tasks/", TasksView.as_view(), name="api-tasks"),
    path("tasks/end/", EndView.as_view(), name="api-tasks-end"),
    # Whatever a scanner sends is looked at, slashes and line ends too.
    re_path(r"^scan/(?P<code>[^\x00]+)/\Z", ScanView.as_view(), name="api-scan"),
]
