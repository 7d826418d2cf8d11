"""Routings, jobs, job steps, work logs, help calls and attachments: a table a file."""

from apps.jobs.models.attachments import TARGETS, Attachment, Target
from apps.jobs.models.facts import MOST
from apps.jobs.models.help_calls import HelpCall
from apps.jobs.models.jobs import Job
from apps.jobs.models.routings import Routing, RoutingStep
from apps.jobs.models.steps import JobStep
from apps.jobs.models.work_logs import WorkLog

__all__ = [
    "MOST",
    "TARGETS",
    "Attachment",
    "HelpCall",
    "Job",
    "JobStep",
    "Routing",
    "RoutingStep",
    "Target",
    "WorkLog",
]
