"""What users are told of jobs and steps."""

from collections import defaultdict
from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from apps.accounts.models import User
from apps.jobs.models import HelpCall, JobStep
from apps.jobs.services.floor import named
from apps.notifications.models import Notification
from apps.notifications.services import notify, notify_all
from apps.notifications.states import NotificationKind

NAMED_AT_MOST = 10


# What is told is kept, whatever the languages of who does it and who reads it.
kept = override(settings.LANGUAGE_CODE)


@kept
def tell_assigned(steps: Iterable[JobStep], *, by: User) -> None:
    """Tell each user whom somebody else has just given steps, once for all of them.

    Queries: 1, or none where there is nobody to tell.
    """
    given: dict[User, list[JobStep]] = defaultdict(list)
    for step in steps:
        if step.assigned_to is not None and step.assigned_to != by:
            given[step.assigned_to].append(step)
    notify_all([_assigned(user, own, by) for user, own in given.items()])


@kept
def tell_answered(call: HelpCall) -> None:
    """Tell the caller, unless they answered it themselves, that help is on its way. Queries: 1."""
    if call.answered_by is None or call.answered_by_id == call.raised_by_id:
        return
    place = named(call.step) if call.step else str(call.machine)
    words = _("%(user)s is on the way to %(place)s")
    notify(
        call.raised_by,
        kind=NotificationKind.HELP_ANSWERED,
        title=words % {"user": call.answered_by, "place": place},
        body=call.note,
        link=reverse("task", args=[call.step.pk]) if call.step else "",
    )


def _assigned(user: User, steps: list[JobStep], by: User) -> Notification:
    first, *others = steps
    names = [named(step) for step in steps[:NAMED_AT_MOST]]
    more = [_more(len(steps) - NAMED_AT_MOST)] if len(steps) > NAMED_AT_MOST else []
    count = {"count": len(steps)}
    many = ngettext("%(count)s step is yours", "%(count)s steps are yours", len(steps)) % count
    one = _("%(step)s is yours") % {"step": names[0]}
    given = _("Given to you by %(user)s.") % {"user": by}
    return Notification(
        recipient=user,
        kind=NotificationKind.STEP_ASSIGNED,
        title=many if others else one,
        body="\n".join([given, *(names if others else ()), *more]),
        link=reverse("tasks") if others else reverse("task", args=[first.pk]),
    )


def _more(count: int) -> str:
    return ngettext("… and %(count)s more", "… and %(count)s more", count) % {"count": count}
