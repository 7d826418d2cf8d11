"""Scheduled housekeeping."""

from celery import shared_task

from apps.background import services


@shared_task(name="background.clear_sessions")
def clear_sessions() -> None:
    """Delete expired sessions."""
    services.clear_sessions()


@shared_task(name="background.clear_idempotency_keys")
def clear_idempotency_keys() -> None:
    """Delete the answers that nobody is given again."""
    services.clear_idempotency_keys()


@shared_task(name="background.analyze_tables")
def analyze_tables() -> None:
    """Refresh the statistics of tables that changed much."""
    services.analyze_tables()
