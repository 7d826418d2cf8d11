"""The database that a run of all tests copies for each of its workers; `bin/test` begins here."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def test_its_migrations_leave_nothing_to_do(db):
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
