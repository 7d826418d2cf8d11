"""Fills a database: takes off what slows, copies all rows, puts everything back.

Measured on two cores: making the text of jobs, steps and logs takes about as much of a core as
PostgreSQL takes to read it, and each table's COPY has a backend of its own. So one process makes
the rows in order; a second one would only take turns with the backends.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any

from django.contrib.auth.models import Group
from django.core.cache import cache
from psycopg import Connection, sql

from apps.accounts.models import Role
from apps.core.acting import Source, acting_as
from apps.core.ownership import as_owner
from apps.counters import services as counters
from apps.installation import services as installation
from benchmarks.data import shape, taken_off
from benchmarks.data.clock import Clock
from benchmarks.data.connecting import connector
from benchmarks.data.copying import Copying
from benchmarks.data.people import CREWS, OPERATOR
from benchmarks.data.sizes import Size
from benchmarks.data.telling import Report, stage, to_terminal

SEED = "andon"
TABLES = (
    *("users", "processes", "role_process_permissions", "parts", "routings", "routing_steps"),
    *("machines", "machine_processes", "reasons", "machine_downtimes", "help_calls"),
    *("customers", "jobs", "job_steps", "work_logs"),
)
SEEDED = ("reasons",)  # Filled anew, though a new installation has some.
SEQUENCES = {"job_number_seq": "jobs", "customer_code_seq": "customers"}  # Numbers people see.


class NotFillable(Exception):
    """The database is not empty, and what is in it is not what an earlier load left behind."""


def fill(
    size: Size, *, seed: str = SEED, now: datetime | None = None, report: Report = to_terminal
) -> None:
    """Fill the database that Django is configured for, empty and migrated, as its owner.

    The same seed and day give the same rows. A load that was killed is begun anew.

    Raises: NotFillable.
    """
    clock = Clock(now or datetime.now(UTC), shape.HISTORY_YEARS)
    with as_owner(), acting_as(None, Source.COMMAND), stage("in all", report):
        connect = connector()
        with connect() as connection:
            _require_fillable(connection)
            roles = _make_roles()
            taken_off.take_off(connection, TABLES)
        with stage("rows", report):
            Copying(connect, size, clock, report).run(Random(seed), roles)  # noqa: S311 - data
        with stage("indexes and constraints", report):
            taken_off.put_back(connect, report)
        with connect() as connection:
            with stage("sequences and statistics", report):
                _set_sequences(connection)
                for table in TABLES:
                    connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))
            with stage("counters", report):
                counters.rebuild()  # The triggers were off.
            taken_off.forget(connection)
    cache.clear()  # What was read of an empty shop.


def _require_fillable(connection: Connection[Any]) -> None:
    if taken_off.is_interrupted(connection):
        return
    for table in TABLES:
        query = sql.SQL("SELECT FROM {} LIMIT 1").format(sql.Identifier(table))
        if table not in SEEDED and connection.execute(query).rowcount:
            raise NotFillable(f"There are rows in {table}: fill a new, migrated database.")


def _make_roles() -> Mapping[str, int]:
    """Make the starting roles and those of the crews; return the keys of all, by code."""
    installation.seed()
    operator = Role.objects.get(code=OPERATOR)
    for code, (name, _) in CREWS.items():
        if not Role.objects.filter(code=code).exists():
            group = Group.objects.create(name=f"{name} ({code})")
            group.permissions.set(operator.group.permissions.all())
            Role.objects.create(
                code=code, name=name, home=operator.home, has_office_access=False, group=group
            )
    return dict(Role.objects.values_list("code", "pk"))


def _set_sequences(connection: Connection[Any]) -> None:
    """Let the next keys, job numbers and customer codes follow those that are there."""
    for table in TABLES:
        connection.execute(
            sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), max(id)) FROM {}").format(
                table, sql.Identifier(table)
            )
        )
    for sequence, table in SEQUENCES.items():
        connection.execute(
            sql.SQL("SELECT setval({}, max(id)) FROM {}").format(sequence, sql.Identifier(table))
        )
