"""`manage.py drop_audit_months`: the one way in which anything leaves the audit trail."""

from argparse import ArgumentTypeError
from datetime import UTC, date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.audit import selectors, services
from apps.core.errors import DomainError
from apps.core.ownership import as_owner


def month(text: str) -> date:
    """Return the first day of a month such as 2026-11. Raises: ArgumentTypeError."""
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise ArgumentTypeError(f"“{text}” is not a month such as 2026-11") from error


class Command(BaseCommand):
    help = (
        "Drop the audit trail's months before the one named, each as a whole, for good."
        " The trail keeps a line that says so. Runs as the database's owner."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--before", type=month, required=True, metavar="YYYY-MM")
        parser.add_argument("--yes", action="store_true", help="Do not ask.")

    def handle(self, *args: Any, **options: Any) -> None:
        before: date = options["before"]
        with as_owner():
            names = [each.partition for each in selectors.months() if each.ends.date() <= before]
            if not names:
                self.stdout.write("No month of the trail is that old.")
                return
            if not options["yes"] and not self._is_confirmed(names):
                raise CommandError("Nothing was dropped.")
            try:
                dropped = services.drop_months(before)
            except DomainError as refusal:
                raise CommandError(refusal.message) from refusal
        for each in dropped:
            self.stdout.write(f"Dropped {each.partition}: {each.rows:,} rows.")

    def _is_confirmed(self, names: list[str]) -> bool:
        listed = ", ".join(names)
        return input(f"This drops {listed} for good. Type yes to go on: ").strip() == "yes"
