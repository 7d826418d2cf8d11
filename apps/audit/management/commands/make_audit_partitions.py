"""`manage.py make_audit_partitions`: what beat does every day, now."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.audit import services


class Command(BaseCommand):
    help = "Make the partitions of the audit trail for the coming months."

    def handle(self, *args: Any, **options: Any) -> None:
        made = services.make_partitions()
        self.stdout.write(f"Made {', '.join(made)}." if made else "All months are there.")
