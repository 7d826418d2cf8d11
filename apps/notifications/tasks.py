"""Scheduled keeping of notifications."""

from celery import shared_task

from apps.notifications import services


@shared_task(name="notifications.clear_read")
def clear_read() -> None:
    """Delete what was read long ago."""
    services.clear_read()
