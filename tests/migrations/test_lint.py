"""Every migration of ours may run while the shop works, and old code works on what it leaves."""

import pytest
from django.apps import apps
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    ValidateConstraint,
)
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader

from tests.migrations.linting import CANNOT_GO_BACK, DATA_WITH_SCHEMA, NOT_WHOLE, faults

OURS = {config.label for config in apps.get_app_configs() if config.name.startswith("apps.")}
NOTE = models.Index(fields=["notes"], name="idx_jobs_notes")
POSITIVE = models.CheckConstraint(condition=models.Q(quantity__gt=0), name="jobs_positive_chk")

KEY = models.CheckConstraint(condition=models.Q(id__gt=0), name="shelves_key_chk")


@pytest.fixture
def _connected(django_db_blocker):
    """A connection outside a transaction: SQL is made, none is run."""
    with django_db_blocker.unblock():
        yield
        connection.close()


pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("_connected")]


def written(*operations, **attributes):
    """A migration of jobs, after all there are."""
    kind = type("Migration", (migrations.Migration,), {"operations": operations} | attributes)
    return kind("9999_written", "jobs")


def now():
    return MigrationLoader(None).project_state()


def test_no_migration_of_ours_breaks_a_rule():
    loader = MigrationLoader(None)
    ours = {key: each for key, each in loader.disk_migrations.items() if key[0] in OURS}
    assert ("jobs", "0001_initial") in ours
    found = {
        str(each): broken
        for key, each in ours.items()
        if (broken := faults(each, loader.project_state(key, at_end=False)))
    }
    assert not found


@pytest.mark.parametrize(
    ("rule", "operations"),
    [
        ("adding-required-field", [migrations.RunSQL("ALTER TABLE jobs ADD x int NOT NULL", "")]),
        (
            "ban-drop-default",  # Old code would write no value, and there is no other.
            [migrations.AddField("job", "x", models.IntegerField(default=1))],
        ),
        (
            "adding-not-nullable-field",
            [migrations.AlterField("job", "due_date", models.DateField())],
        ),
        ("ban-drop-column", [migrations.RemoveField("job", "notes")]),
        ("ban-drop-table", [migrations.DeleteModel("HelpCall")]),
        ("renaming-column", [migrations.RenameField("job", "notes", "remarks")]),
        ("renaming-table", [migrations.AlterModelTable("job", "orders")]),
        (
            "changing-column-type",
            [migrations.AlterField("job", "quantity", models.BigIntegerField())],
        ),
        (
            "disallowed-unique-constraint",
            [migrations.AddConstraint("job", models.UniqueConstraint(fields=["title"], name="u"))],
        ),
        (
            "ban-drop-constraint",  # Services turn its refusals into words.
            [migrations.RemoveConstraint("job", "jobs_quantity_chk")],
        ),
        ("constraint-missing-not-valid", [migrations.AddConstraint("job", POSITIVE)]),
        (
            "constraint-missing-not-valid",  # In one transaction nothing is won.
            [AddConstraintNotValid("job", POSITIVE), ValidateConstraint("job", POSITIVE.name)],
        ),
        ("require-concurrent-index-creation", [migrations.AddIndex("job", NOTE)]),
        (
            "require-concurrent-index-deletion",
            [migrations.RemoveIndex("job", "idx_jobs_status_due_date")],
        ),
        (
            "adding-field-with-default",  # Every row is written anew.
            [
                migrations.AddField(
                    "job",
                    "x",
                    models.GeneratedField(
                        expression=models.F("quantity"),
                        output_field=models.IntegerField(),
                        db_persist=True,
                    ),
                )
            ],
        ),
        (CANNOT_GO_BACK, [migrations.RunSQL("SELECT 1")]),
        (CANNOT_GO_BACK, [migrations.RunPython(migrations.RunPython.noop)]),
        (
            DATA_WITH_SCHEMA,
            [
                migrations.AddField("job", "x", models.IntegerField(null=True)),
                migrations.RunPython(migrations.RunPython.noop, migrations.RunPython.noop),
            ],
        ),
    ],
)
def test_a_bad_migration_is_found(rule, operations):
    assert rule in {fault.partition(":")[0] for fault in faults(written(*operations), now())}


def test_what_runs_without_a_transaction_is_one_operation():
    index = AddIndexConcurrently("job", NOTE)
    assert not faults(written(index, atomic=False), now())
    other = migrations.AddField("job", "x", models.IntegerField(null=True))
    (fault,) = faults(written(index, other, atomic=False), now())
    assert fault.startswith(NOT_WHOLE)


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("job", "x", models.IntegerField(null=True)),
        migrations.AddField("job", "x", models.IntegerField(db_default=1)),
        migrations.AddField(
            "job",
            "checked_by",
            models.ForeignKey("accounts.User", models.PROTECT, null=True, db_index=False),
        ),
        migrations.CreateModel(
            "Shelf",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("job", models.ForeignKey("jobs.Job", models.PROTECT)),
            ],
            options={"constraints": [KEY], "indexes": [models.Index(fields=["id"], name="i")]},
        ),
        AddConstraintNotValid("job", POSITIVE),
        migrations.RunPython(migrations.RunPython.noop, migrations.RunPython.noop),
    ],
    ids=lambda operation: operation.describe(),
)
def test_what_harms_nobody_passes(operation):
    assert not faults(written(operation), now())


def test_a_broken_rule_can_be_accepted_with_a_reason_and_only_if_broken():
    drop = migrations.RemoveField("job", "notes")
    assert not faults(written(drop, accepts={"ban-drop-column": "Unread since 1.4."}), now())
    assert faults(written(drop, accepts={"ban-drop-column": ""}), now())
    (fault,) = faults(
        written(drop, accepts={"ban-drop-column": "Unread.", "ban-drop-table": "So."}), now()
    )
    assert fault == "ban-drop-table: accepted, but not broken"
