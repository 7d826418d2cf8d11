"""The columns of a work log, and how long a cell may be."""

from collections.abc import Mapping
from types import MappingProxyType

from django.db import models

from apps.accounts.models import User
from apps.catalog.models import Part
from apps.jobs.models import Job
from apps.machines.models import Machine
from apps.processes.models import Process

CASE = "Case ID"
ACTIVITY = "Activity"
RESOURCE = "Resource"
START = "Start Timestamp"
END = "Complete Timestamp"
SPAN = "Span"
ORDERED = "Work Order Qty"
PART = "Part Desc."
WORKER = "Worker ID"
REPORT_TYPE = "Report Type"
GOOD = "Qty Completed"
SCRAP = "Qty Rejected"
REVIEW = "Qty for MRB"
REWORK = "Rework"

# In the order in which a row's cells are hashed: it must never change.
COLUMNS = (
    CASE,
    ACTIVITY,
    RESOURCE,
    START,
    END,
    SPAN,
    ORDERED,
    PART,
    WORKER,
    REPORT_TYPE,
    GOOD,
    SCRAP,
    REVIEW,
    REWORK,
)


def longest(model: type[models.Model], field: str) -> int:
    """Return how many characters a field takes."""
    characters = getattr(model._meta.get_field(field), "max_length", None)
    if characters is None:
        raise TypeError(f"{model.__name__}.{field} has no length")
    return int(characters)


LONGEST: Mapping[str, int] = MappingProxyType(
    {
        CASE: longest(Job, "external_id"),
        ACTIVITY: longest(Process, "name"),
        RESOURCE: longest(Machine, "code"),
        PART: longest(Part, "number"),
        WORKER: longest(User, "username"),
    }
)
