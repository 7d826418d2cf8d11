"""`manage.py migrate`: Django's, run so that nobody waits long for it. See docs/adr/0017."""

import random
import time
from collections.abc import Iterator
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.core.management import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from django.db.migrations import Migration

from apps.core.ownership import as_owner
from apps.counters import services as counters
from apps.installation import waiting

TRIES = 10
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # Seconds.
# Who waits for a lock keeps all waiting who come after: a second is felt, and no more.
LOCK_TIMEOUT = "1s"
# Waiting to build an index concurrently keeps nobody waiting, but should not be for ever.
CONCURRENT_LOCK_TIMEOUT = "5min"

_INVALID = """
    SELECT quote_ident(index.relname) FROM pg_index JOIN pg_class AS index ON index.oid = indexrelid
    WHERE NOT indisvalid AND index.relname = %s AND pg_table_is_visible(index.oid)
"""


class Command(migrate.Command):
    help = f"{migrate.Command.help} Gives way to whoever holds a lock, and tries again."

    def handle(self, *args: Any, **options: Any) -> None:
        if options["plan"] or options["check_unapplied"]:
            super().handle(*args, **options)  # It only reads.
            return
        self._is_talking, self._is_midline = options["verbosity"] > 0, False
        self._has_applied = False
        with as_owner(options["database"]):
            self._connection = connections[options["database"]]
            with (
                waiting.without_limits(self._connection),
                waiting.alone(self._connection, self._say),
            ):
                self._try_until_done(*args, **options)
                if self._has_applied and not options["app_label"]:
                    counters.rebuild()  # A new counter knows nothing of the rows that there are.

    def _try_until_done(self, *args: Any, **options: Any) -> None:
        """Run Django's command until no lock stops it: each run goes on where the last ended."""
        pauses = _pauses()
        while True:
            self._migration: Migration | None = None
            waiting.limit(self._connection, "lock_timeout", LOCK_TIMEOUT)
            try:
                with waiting.watched(self._connection, self._say) as watcher:
                    super().handle(*args, **options)
            except OperationalError as error:
                if not waiting.was_kept_waiting(error):
                    raise
                pause = next(pauses, None)
                if pause is None or not _can_be_repeated(self._migration):
                    raise CommandError(_parting(self._migration, watcher.blockers)) from error
            else:
                return
            self._say(f"Gave way, nothing is half done; trying again in {pause:.1f} s.")
            time.sleep(pause)

    def migration_progress_callback(
        self,
        action: str,
        migration: Migration | None = None,
        fake: bool = False,  # noqa: FBT001, FBT002 - Django's signature
    ) -> None:
        """Tell as Django does, and prepare the session for what begins."""
        super().migration_progress_callback(action, migration, fake)
        if action in {"apply_start", "unapply_start"} and migration is not None:
            self._migration, self._is_midline = migration, True
            self._prepare(migration)
        elif action in {"apply_success", "unapply_success"}:
            self._has_applied = True
            self._migration, self._is_midline = None, False
            waiting.limit(self._connection, "lock_timeout", LOCK_TIMEOUT)

    def _prepare(self, migration: Migration) -> None:
        if (index := _index_built_aside(migration)) is None:
            return
        waiting.limit(self._connection, "lock_timeout", CONCURRENT_LOCK_TIMEOUT)
        with self._connection.cursor() as cursor:
            cursor.execute(_INVALID, [index])
            for (name,) in cursor.fetchall():
                self._say(f"Removing {name}, which an earlier try left unfinished.")
                cursor.execute(f"DROP INDEX CONCURRENTLY {name}")

    def _say(self, what: str) -> None:
        if self._is_talking:
            self.stdout.write(f"\n  {what}" if self._is_midline else f"  {what}")
            self.stdout.flush()
            self._is_midline = False


def _pauses() -> Iterator[float]:
    """Yield the seconds between tries: growing, and no two processes' the same."""
    for count in range(TRIES - 1):
        longest = min(FIRST_PAUSE * 2**count, LONGEST_PAUSE)
        yield random.uniform(longest / 2, longest)  # noqa: S311 - no secret


def _index_built_aside(migration: Migration) -> str | None:
    """Return the index that a migration builds or drops concurrently, if that is all it does."""
    if migration.atomic or len(migration.operations) != 1:
        return None
    operation = migration.operations[0]
    if isinstance(operation, AddIndexConcurrently):
        return str(operation.index.name)
    return operation.name if isinstance(operation, RemoveIndexConcurrently) else None


def _can_be_repeated(migration: Migration | None) -> bool:
    """Whether a migration that failed has left nothing, or only what the next try removes."""
    return migration is None or migration.atomic or _index_built_aside(migration) is not None


def _parting(migration: Migration | None, blockers: str) -> str:
    held = f", held by {blockers}" if blockers else ""
    if migration is None:
        return f"A lock could not be had{held}. Nothing is half done: run this again."
    if not _can_be_repeated(migration):
        return (
            f"{migration} could not have a lock{held}. It runs without a transaction: what it did"
            " before this stays done. Look at what it does before you run this again."
        )
    return (
        f"{migration} could not have a lock in {TRIES} tries{held}. It is not applied, and nothing"
        " of it is half done; what came before it stays. Let whoever holds the lock end, and run"
        " this again."
    )
