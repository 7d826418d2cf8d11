"""What users are told of jobs and steps."""

from collections import defaultdict
from collections.abc import Iterable

from django.urls import reverse

from apps.accounts.models import User
from apps.jobs.models import HelpCall, JobStep
from apps.jobs.services.floor import named
from apps.notifications.models import Notification
from apps.notifications.services import notify, notify_all
from apps.notifications.states import NotificationKind

NAMED_AT_MOST = 10


def tell_assigned(steps: Iterable[JobStep], *, by: User) -> None:
    """Tell each user whom somebody else has just given steps, once for all of them.

    Queries: 1, or none where there is nobody to tell.
    """
    given: dict[User, list[JobStep]] = defaultdict(list)
    for step in steps:
        if step.assigned_to is not None and step.assigned_to != by:
            given[step.assigned_to].append(step)
    notify_all([_assigned(user, own, by) for user, own in given.items()])


def tell_answered(call: HelpCall) -> None:
    """Tell the caller, unless they answered it themselves, that help is on its way. Queries: 1."""
    if call.answered_by is None or call.answered_by_id == call.raised_by_id:
        return
    place = named(call.step) if call.step else str(call.machine)
    notify(
        call.raised_by,
        kind=NotificationKind.HELP_ANSWERED,
        title=f"{call.answered_by} is on the way to {place}",
        body=call.note,
        link=reverse("task", args=[call.step.pk]) if call.step else "",
    )


def _assigned(user: User, steps: list[JobStep], by: User) -> Notification:
    first, *others = steps
    names = [named(step) for step in steps[:NAMED_AT_MOST]]
    more = [f"… and {len(steps) - NAMED_AT_MOST} more"] if len(steps) > NAMED_AT_MOST else []
    return Notification(
        recipient=user,
        kind=NotificationKind.STEP_ASSIGNED,
        title=f"{len(steps)} steps are yours" if others else f"{names[0]} is yours",
        body="\n".join([f"Given to you by {by}.", *(names if others else ()), *more]),
        link=reverse("tasks") if others else reverse("task", args=[first.pk]),
    )
