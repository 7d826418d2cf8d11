"""Scheduled keeping of the counters."""

from celery import shared_task

from apps.counters import services


@shared_task(name="counters.fold")
def fold() -> None:
    """Fold the deltas."""
    services.tidy()


@shared_task(name="counters.verify")
def verify() -> None:
    """Compare the counters with the rows; the log and health tell what differs."""
    services.verify()
