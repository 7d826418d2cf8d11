"""What jobs and steps can be, and what may follow what. Pure data."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _

Status = TypeVar("Status", bound=TextChoices)


class Priority(IntegerChoices):
    """How urgent a job is."""

    LOW = 0, _("Low")
    NORMAL = 1, _("Normal")
    HIGH = 2, _("High")
    URGENT = 3, _("Urgent")


class JobStatus(TextChoices):
    """The life of a job."""

    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    ON_HOLD = "on_hold", _("On hold")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


class StepStatus(TextChoices):
    """The life of a step."""

    PENDING = "pending", _("Pending")
    READY = "ready", _("Ready")
    IN_PROGRESS = "in_progress", _("In progress")
    PAUSED = "paused", _("Paused")
    COMPLETED = "completed", _("Completed")
    SKIPPED = "skipped", _("Skipped")
    CANCELLED = "cancelled", _("Cancelled")


class StartsAfter(TextChoices):
    """What a step waits for: of all steps with a lower sequence."""

    FINISHED = "finished", _("The steps before are finished")
    FIRST_GOOD = "first_good", _("The steps before have a first good piece")


class LogKind(TextChoices):
    """What a stretch of work was."""

    SETUP = "setup", _("Setup")
    RUN = "run", _("Run")
    CORRECTION = "correction", _("Correction")


_J, _S = JobStatus, StepStatus

JOB_NEXT: Mapping[JobStatus, frozenset[JobStatus]] = MappingProxyType(
    {
        _J.DRAFT: frozenset({_J.ACTIVE, _J.CANCELLED}),
        _J.ACTIVE: frozenset({_J.ON_HOLD, _J.COMPLETED, _J.CANCELLED}),
        _J.ON_HOLD: frozenset({_J.ACTIVE, _J.CANCELLED}),
        _J.COMPLETED: frozenset({_J.ACTIVE}),
        _J.CANCELLED: frozenset(),
    }
)
STEP_FORWARD: Mapping[StepStatus, frozenset[StepStatus]] = MappingProxyType(
    {
        _S.PENDING: frozenset({_S.READY, _S.SKIPPED, _S.CANCELLED}),
        _S.READY: frozenset({_S.IN_PROGRESS, _S.SKIPPED, _S.CANCELLED}),
        _S.IN_PROGRESS: frozenset({_S.PAUSED, _S.COMPLETED, _S.CANCELLED}),
        _S.PAUSED: frozenset({_S.IN_PROGRESS, _S.SKIPPED, _S.CANCELLED}),
        _S.COMPLETED: frozenset(),
        _S.SKIPPED: frozenset(),
        _S.CANCELLED: frozenset(),
    }
)
# Undo, reopening, and a forerunner that is open again.
STEP_BACKWARD: Mapping[StepStatus, frozenset[StepStatus]] = MappingProxyType(
    {
        _S.IN_PROGRESS: frozenset({_S.READY}),
        _S.COMPLETED: frozenset({_S.IN_PROGRESS}),
        _S.READY: frozenset({_S.PENDING}),
    }
)
STEP_NEXT: Mapping[StepStatus, frozenset[StepStatus]] = MappingProxyType(
    {status: STEP_FORWARD[status] | STEP_BACKWARD.get(status, frozenset()) for status in _S}
)

# Tuples, not sets: their order is written into conditions of indexes and constraints.
JOB_OPEN = (_J.DRAFT, _J.ACTIVE, _J.ON_HOLD)
JOB_CAN_BE_LATE = (_J.ACTIVE, _J.ON_HOLD)
STEP_WAITING = (_S.PENDING, _S.READY)
STEP_BEGUN = (_S.IN_PROGRESS, _S.PAUSED, _S.COMPLETED)
STEP_OPEN = (_S.PENDING, _S.READY, _S.IN_PROGRESS, _S.PAUSED)
STEP_FINISHED = (_S.COMPLETED, _S.SKIPPED)


def pairs(table: Mapping[Status, frozenset[Status]]) -> list[tuple[str, str]]:
    """Return a table as sorted ``(before, after)`` values."""
    return sorted((str(a.value), str(b.value)) for a, nexts in table.items() for b in nexts)
