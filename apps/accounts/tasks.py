"""Scheduled housekeeping of signing in."""

from celery import shared_task

from apps.accounts import services


@shared_task(name="accounts.clear_sign_ins")
def clear_sign_ins() -> None:
    """Delete wrong passwords that no longer count, and sessions long over."""
    services.clear_sign_ins()
