"""``manage.py import_work_log FILE``: a shop's log becomes jobs, steps and work logs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import DomainError
from apps.jobs.imports.master_records import CUSTOMER_CODE
from apps.jobs.imports.work_log import Outcome, WorkLogImport, import_work_log


def time_zone(name: str) -> ZoneInfo:
    """Return a time zone by its name in the IANA list. Raises: CommandError."""
    if name not in available_timezones():
        raise CommandError(f"“{name}” is not a time zone such as UTC or Europe/Paris")
    return ZoneInfo(name)


class Command(BaseCommand):
    help = "Import a work log (CSV): jobs, steps, machines, operators and what each did."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--customer",
            default=CUSTOMER_CODE,
            metavar="CODE",
            help="Whom the jobs are for; made if there is none (%(default)s).",
        )
        parser.add_argument(
            "--time-zone",
            default="UTC",
            metavar="NAME",
            help="Where the clocks stood that the file's times were read from (%(default)s).",
        )
        parser.add_argument("--dry-run", action="store_true", help="Do it all, then take it back.")
        parser.add_argument(
            "--report", type=Path, metavar="FILE", help="Write what was odd, row by row (CSV)."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = WorkLogImport(
            path=options["file"],
            zone=time_zone(options["time_zone"]),
            customer=options["customer"],
            report=options["report"],
            dry_run=options["dry_run"],
        )
        announce = self.stderr.write if options["verbosity"] else _say_nothing
        try:
            outcome = import_work_log(wanted, announce)
        except DomainError as error:
            raise CommandError(error.message) from error
        self._print(wanted, outcome)

    def _print(self, wanted: WorkLogImport, outcome: Outcome) -> None:
        self.stdout.write(f"{'':<12}{'in the file':>12}{'new':>10}")
        for name, number in outcome.in_file.items():
            new = f"{outcome.new.get(name, 0):>10,}" if name in _RECORDS else ""
            self.stdout.write(f"{name:<12}{number:>12,}{new}")
        if outcome.odd:
            self.stdout.write("\nOdd, and taken all the same:")
        for kind, number in outcome.odd.items():
            self.stdout.write(f"{number:>8,}  {kind.value.replace('_', ' ')}")
        if wanted.report and outcome.odd:
            self.stdout.write(f"Row by row in {wanted.report}.")
        self.stdout.write(_verdict(wanted, outcome))


_RECORDS = ("jobs", "steps", "work logs", "machines", "operators", "parts", "processes")


def _verdict(wanted: WorkLogImport, outcome: Outcome) -> str:
    logs = outcome.new.get("work logs", 0)
    if not logs:
        return f"\nNothing is new: all {outcome.in_file['work logs']:,} rows are here already."
    if wanted.dry_run:
        return f"\nA dry run: {logs:,} work logs would be new. Nothing was changed."
    return f"\n{logs:,} work logs imported."


def _say_nothing(_line: str) -> None:
    """Stand in for progress that nobody wants."""
