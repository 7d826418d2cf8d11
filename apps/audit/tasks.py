"""Scheduled keeping of the trail."""

from celery import shared_task

from apps.audit import services


@shared_task(name="audit.make_partitions")
def make_partitions() -> None:
    """Make the coming months' partitions."""
    services.make_partitions()
