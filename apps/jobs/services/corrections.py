"""Putting a mistake right: a log of its own, the old ones stay as they were."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.core.errors import Invalid
from apps.jobs import policies
from apps.jobs.models import MOST, JobStep, WorkLog
from apps.jobs.services.floor import Floor, not_now
from apps.jobs.services.reports import require_scrap_reason
from apps.jobs.states import STEP_BEGUN, LogKind
from apps.machines.models import Reason

_TOO_FAR: Mapping[str, Any] = MappingProxyType(
    {
        "good": gettext_lazy("That would make %(pieces)s good."),
        "scrap": gettext_lazy("That would make %(pieces)s scrap."),
        "rework": gettext_lazy("That would make %(pieces)s rework."),
    }
)


@transaction.atomic
def correct_step(  # noqa: PLR0913 - the pieces, why, and whose they were
    step_id: int,
    *,
    actor: User,
    note: str,
    good: int = 0,
    scrap: int = 0,
    rework: int = 0,
    scrap_reason: Reason | None = None,
    user: User | None = None,
) -> JobStep:
    """Add (or, negative, take away) pieces by a correction log, after completion too.

    Raises: ProcessNotPermitted, IllegalTransition, Invalid, ScrapWithoutReason.
    Locks:  the job, its steps.
    """
    floor, step = Floor.of_step(step_id)
    policies.require_supervise(actor, step, doing="correct")
    if step.status not in STEP_BEGUN:
        raise not_now(step, _("%(step)s is %(state)s; there is nothing to correct."))
    _check(step, {"good": good, "scrap": scrap, "rework": rework}, note)
    require_scrap_reason(max(scrap, 0), scrap_reason)
    WorkLog.objects.create(
        step=step,
        user=user or actor,
        machine_id=step.machine_id,
        kind=LogKind.CORRECTION,
        started_at=floor.now,
        ended_at=floor.now,
        quantity_good=good,
        quantity_scrap=scrap,
        quantity_rework=rework,
        scrap_reason=scrap_reason,
        note=note.strip(),
    )
    step.quantity_good += good
    step.quantity_scrap += scrap
    step.quantity_rework += rework
    step.undo = None
    floor.settle()
    floor.save()
    return step


def _check(step: JobStep, change: dict[str, int], note: str) -> None:
    if not note.strip():
        raise Invalid(_("Say why it is corrected."), field="note")
    if not any(change.values()):
        raise Invalid(_("Nothing would change."), field="quantity_good")
    for name, pieces in change.items():
        field = f"quantity_{name}"
        result = getattr(step, field) + pieces
        if not 0 <= result <= MOST:
            raise Invalid(_TOO_FAR[name] % {"pieces": f"{result:,}"}, field=field)
