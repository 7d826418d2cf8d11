"""Scheduled housekeeping of the instruments."""

from celery import shared_task

from apps.observability import silk


@shared_task(name="observability.clear_silk_records")
def clear_silk_records() -> None:
    """Delete what Silk recorded beyond its cap; nothing where Silk is absent."""
    silk.clear_old_records()
