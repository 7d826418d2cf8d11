"""What a migration may not do to a shop at work: squawk's rules for its SQL, and three of ours.

A migration that must break a rule says which and why:
``accepts = {"ban-drop-column": "Nothing has read it since 1.4."}``.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import connection
from django.db.migrations import Migration, RunPython, SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

CANNOT_GO_BACK = "cannot-go-back"
DATA_WITH_SCHEMA = "data-with-schema"
NOT_WHOLE = "not-whole"

_SQUAWK = Path(sys.executable).with_name("squawk")
_LEFT_OUT = {
    # The types are Django's.
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "prefer-text-field",
    # A migration is recorded, so it runs once; whole, or repaired by the migrate command.
    "prefer-robust-stmts",
    # The migrate command sets both.
    "require-lock-timeout",
    "require-statement-timeout",
}
_KEY_WITHOUT_SCAN = re.compile(r'ADD COLUMN "\w+" \w+ NULL CONSTRAINT "\w+" REFERENCES')
_BESIDE_TRANSACTIONS = (AddIndexConcurrently, RemoveIndexConcurrently, RunPython)


def faults(migration: Migration, before: ProjectState) -> list[str]:
    """Return each broken rule with its reason, and each acceptance that nothing needs."""
    accepted = getattr(migration, "accepts", {})
    found = dict([*_in_operations(migration), *_in_sql(sql(migration, before))])
    return [
        *(f"{rule}: {reason}" for rule, reason in found.items() if not accepted.get(rule)),
        *(f"{rule}: accepted, but not broken" for rule in accepted.keys() - found.keys()),
    ]


def sql(migration: Migration, before: ProjectState) -> str:
    """Return what `sqlmigrate` would print."""
    with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
        migration.apply(before.clone(), editor, collect_sql=True)
    lines = [*editor.collected_sql]
    return "\n".join(["BEGIN;", *lines, "COMMIT;"] if migration.atomic else lines)


def _in_sql(text: str) -> Iterator[tuple[str, str]]:
    options = ["--pg-version", "18", "--reporter", "json", "--exclude", ",".join(_LEFT_OUT)]
    done = subprocess.run(  # noqa: S603 - ours
        [_SQUAWK, *options], input=text, capture_output=True, text=True, check=False
    )
    lines = text.splitlines()
    for found in json.loads(done.stdout):
        line = lines[found["line"]].strip()
        # A new column that is NULL everywhere refers to nothing: PostgreSQL looks at no row.
        if _KEY_WITHOUT_SCAN.search(line) and found["rule_name"] == "adding-foreign-key-constraint":
            continue
        yield found["rule_name"], f"{found['message']} {found['help'] or ''} In: {line}"


def _in_operations(migration: Migration) -> Iterator[tuple[str, str]]:
    operations = list(_flat(migration.operations))
    if not all(operation.reversible for operation in operations):
        yield CANNOT_GO_BACK, "An operation has no way back."
    has_data = [isinstance(operation, RunPython) for operation in operations]
    if any(has_data) and not all(has_data):
        yield DATA_WITH_SCHEMA, "Rows are rewritten under the locks of a change of schema."
    alone = len(operations) == 1 and isinstance(operations[0], _BESIDE_TRANSACTIONS)
    if not migration.atomic and not alone:
        yield NOT_WHOLE, "Without a transaction, more than one operation can be left half done."


def _flat(operations: Iterable[Operation]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, SeparateDatabaseAndState):
            yield from _flat(operation.database_operations)
        else:
            yield operation
