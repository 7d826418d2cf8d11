"""`manage.py verify_counters`: do the counters say what the rows say?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.counters import services


class Command(BaseCommand):
    help = "Compare every counter with the rows, at one moment. Fails if any is wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        found = services.verify()
        for each in found[: services.SHOWN]:
            self.stderr.write(f"{each.counter} {each.keys}: {each.amounts} missing")
        if found:
            raise CommandError(f"{len(found):,} keys are wrong: `manage.py rebuild_counters`.")
        self.stdout.write("The counters say what the rows say.")
