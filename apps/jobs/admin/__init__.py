"""The planner's and the supervisor's screens."""

from apps.jobs.admin.attachments import AttachmentAdmin
from apps.jobs.admin.floor import HelpCallAdmin, WorkLogAdmin
from apps.jobs.admin.jobs import JobAdmin
from apps.jobs.admin.routings import RoutingAdmin, RoutingStepAdmin
from apps.jobs.admin.steps import JobStepAdmin

__all__ = [
    "AttachmentAdmin",
    "HelpCallAdmin",
    "JobAdmin",
    "JobStepAdmin",
    "RoutingAdmin",
    "RoutingStepAdmin",
    "WorkLogAdmin",
]
