"""`manage.py load_demo`: a believable shop to try Andon in."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.errors import DomainError
from apps.demo import services
from apps.demo.errors import NotEmpty


class Command(BaseCommand):
    help = "Load a believable shop into an empty database: a year of jobs that ends right now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help="Where there is a shop already, say so and leave it as it is.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        try:
            services.require_allowed()
            services.require_empty()
            self.stdout.write("Demo: loading a year of a shop.")
            loaded = services.load_demo()
        except NotEmpty as refusal:
            if not options["if_empty"]:
                raise CommandError(refusal.message) from refusal
            self.stdout.write(f"Demo: left alone. {refusal.message}")
            return
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        rows = ", ".join(f"{count:,} {name}" for name, count in loaded.rows.items())
        self.stdout.write(f"Demo: loaded in {time.monotonic() - began:.1f} s: {rows}.")
