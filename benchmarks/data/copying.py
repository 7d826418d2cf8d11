"""Copies an office, its customers and its jobs into emptied tables."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from random import Random
from time import monotonic

from psycopg import sql

from benchmarks.data.clock import SHIFT, Clock
from benchmarks.data.connecting import Connect
from benchmarks.data.customers import CUSTOMER_TABLE, customer_rows
from benchmarks.data.jobs import JOB_TABLE, JobWriter
from benchmarks.data.machines import machine_tables
from benchmarks.data.office import Office, make_office
from benchmarks.data.rows import Filled, Sink, Table
from benchmarks.data.sizes import Size
from benchmarks.data.steps import LOG_TABLE, STEP_TABLE, StepWriter
from benchmarks.data.telling import Report, told

BLOCK = 500  # Jobs whose rows are handed over at once.
TOLD_EVERY = 50_000  # Jobs.


class Copying:
    """One copying of all rows."""

    def __init__(self, connect: Connect, size: Size, clock: Clock, report: Report) -> None:
        self._connect, self._size, self._clock, self._report = connect, size, clock, report
        self._began = monotonic()

    def run(self, rng: Random, roles: Mapping[str, int]) -> None:
        """Copy every table; ``roles`` are the keys of all roles, by code."""
        office, tables = make_office(rng, self._size, self._clock, roles)
        self._copy(tables)
        with self._into(CUSTOMER_TABLE) as customers:
            for block in customer_rows(rng, self._size.customers, self._clock):
                customers.write(block)
        self._tell(f"{self._size.customers:,} customers")
        self._copy_jobs(rng, office)
        self._copy(machine_tables(rng, office.machines, self._clock, office.people))

    def _copy_jobs(self, rng: Random, office: Office) -> None:
        """Copy jobs and steps in order of their keys, and logs in order of time, side by side."""
        steps = StepWriter(rng, self._clock, office)
        jobs = JobWriter(rng, self._size, self._clock, office, steps)
        day = 0
        with ExitStack() as stack:
            to_jobs, to_steps, to_logs = (
                stack.enter_context(self._into(table))
                for table in (JOB_TABLE, STEP_TABLE, LOG_TABLE)
            )
            for key in range(1, self._size.jobs + 1):
                today = jobs.make(key) // SHIFT
                if key % BLOCK == 0 or key == self._size.jobs:
                    to_jobs.write(jobs.take())
                    to_steps.write(steps.take())
                while day < today:  # No log of a later job begins before it.
                    to_logs.write(steps.take_logs(day))
                    day += 1
                if key % TOLD_EVERY == 0:
                    self._tell(f"{key:,} jobs, {steps.count:,} steps, {steps.log_count:,} logs")
            for last in range(day, self._clock.days):
                to_logs.write(steps.take_logs(last))

    def _copy(self, tables: Sequence[Filled]) -> None:
        for table, rows in tables:
            with self._into(table) as copy:
                copy.write(rows)

    @contextmanager
    def _into(self, table: Table) -> Iterator[Sink]:
        """Empty a table, and copy rows into it in the same transaction: they are frozen at once."""
        name = sql.Identifier(table.name)
        columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
        with self._connect() as connection, connection.transaction(), connection.cursor() as cursor:
            cursor.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(name))
            copy_from = sql.SQL("COPY {} ({}) FROM STDIN WITH (FREEZE)").format(name, columns)
            with cursor.copy(copy_from) as copy:
                yield copy

    def _tell(self, what: str) -> None:
        told(self._report, monotonic() - self._began, what)
