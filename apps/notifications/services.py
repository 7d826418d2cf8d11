"""Telling users, and what they have read."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.notifications.errors import NotYours
from apps.notifications.models import Notification
from apps.notifications.states import NotificationKind

KEPT_FOR = timedelta(days=90)  # After they were read.
BATCH = 10_000
LONGEST_TITLE = Notification._meta.get_field("title").max_length


def notify(
    recipient: User, *, kind: NotificationKind, title: str, body: str = "", link: str = ""
) -> Notification:
    """Tell a user of what happens in the present transaction. Queries: 1."""
    notice = Notification(recipient=recipient, kind=kind, title=title, body=body, link=link)
    return notify_all([notice])[0]


def notify_all(notices: Sequence[Notification]) -> list[Notification]:
    """Tell several users at once. Queries: 1, or none for none."""
    for notice in notices:
        notice.title = notice.title[:LONGEST_TITLE]
    return Notification.objects.bulk_create(notices)


@transaction.atomic
def mark_read(notification_id: int, *, actor: User) -> Notification:
    """Say that one has read a notification; the first time counts.

    Raises: NotYours. Locks: the notification.
    """
    own = Notification.objects.visible_to(actor).select_for_update(of=("self",), no_key=True)
    notice = own.filter(pk=notification_id).first()
    if notice is None:
        raise NotYours(_("This notification is someone else's, or gone."))
    if notice.read_at is None:
        notice.read_at = timezone.now()
        notice.save(update_fields=["read_at"])
    return notice


def mark_all_read(*, actor: User) -> int:
    """Say that one has read all that there is; return how many were unread. Queries: 1."""
    return Notification.objects.visible_to(actor).unread().update(read_at=timezone.now())


def clear_read() -> int:
    """Delete what was read more than KEPT_FOR ago, a batch a transaction; return how many."""
    old = Notification.objects.read_before(timezone.now() - KEPT_FOR)
    cleared = 0
    while True:
        deleted, _ = Notification.objects.filter(pk__in=old.values("pk")[:BATCH]).delete()
        cleared += deleted
        if deleted < BATCH:
            return cleared
