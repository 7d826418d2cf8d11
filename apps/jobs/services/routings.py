"""Storing routings with their steps."""

from collections import defaultdict, deque
from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import Q

from apps.accounts.models import User
from apps.core.db import refusals, update_rows
from apps.core.records import raise_version, require_record, save_record
from apps.jobs.models import Routing, RoutingStep
from apps.jobs.services.attachments import drop_attachments

# What may differ of a step that stays the same one.
STEP_COLUMNS = (
    "machine_id",
    "setup_minutes",
    "run_minutes_per_unit",
    "instructions",
    "starts_after",
)


@transaction.atomic
def save_routing(
    routing: Routing,
    *,
    actor: User,
    fields: Collection[str] | None = None,
    steps: Sequence[RoutingStep] | None = None,
) -> None:
    """Insert or change a routing and, if given, have it these steps and no others.

    A step of the same sequence and process is the same one: it keeps its files, and is written
    only where it differs. Jobs that were made of the routing stay as they are.

    Raises: NotPermitted, Invalid.
    Locks:  the routing's steps, by key.
    """
    save_record(routing, actor=actor, fields=fields)
    if steps is not None and _replace_steps(routing, steps, actor):
        raise_version(routing)


def _replace_steps(routing: Routing, wanted: Sequence[RoutingStep], actor: User) -> bool:
    """Make the routing's steps the wanted ones; return whether that took a change."""
    stored: dict[tuple[int, int], deque[RoutingStep]] = defaultdict(deque)
    for step in RoutingStep.objects.filter(routing=routing).locked():
        stored[step.sequence, step.process_id].append(step)
    added, changed = [], []
    for step in wanted:
        same = stored[step.sequence, step.process_id]
        if not same:
            step.routing = routing
            added.append(step)
        elif _copy(step, same[0]):
            changed.append(same.popleft())
        else:
            same.popleft()
    gone = [step.pk for same in stored.values() for step in same]
    for action, steps in (("add", added), ("change", changed), ("delete", gone)):
        if steps:
            require_record(action, RoutingStep, actor=actor)
    with refusals(RoutingStep):
        drop_attachments(Q(routing_step__in=gone))
        RoutingStep.objects.filter(pk__in=gone).delete()
        update_rows(changed, STEP_COLUMNS)
        RoutingStep.objects.bulk_create(added)
    return bool(added or changed or gone)


def _copy(wanted: RoutingStep, stored: RoutingStep) -> bool:
    """Copy what may differ; return whether anything does."""
    differing = [name for name in STEP_COLUMNS if getattr(stored, name) != getattr(wanted, name)]
    for name in differing:
        setattr(stored, name, getattr(wanted, name))
    return bool(differing)
