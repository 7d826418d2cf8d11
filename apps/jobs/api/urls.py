"""Addresses of the core."""

from apps.api.addresses import records
from apps.jobs.api.attachments import AttachmentView
from apps.jobs.api.floor import HelpCallView, WorkLogView
from apps.jobs.api.jobs import JobView
from apps.jobs.api.routings import RoutingView
from apps.jobs.api.steps import JobStepView

urlpatterns = [
    *records("jobs", JobView),
    *records("job-steps", JobStepView),
    *records("work-logs", WorkLogView),
    *records("help-calls", HelpCallView),
    *records("attachments", AttachmentView),
    *records("routings", RoutingView),
]
