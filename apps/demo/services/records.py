"""What has been written so far, by the names by which the story calls it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import connection, models, transaction

from apps.accounts.models import User
from apps.audit.context import set_context
from apps.catalog.models import Part
from apps.customers.models import Customer
from apps.demo.calendar import WorkCalendar
from apps.demo.story import Story
from apps.jobs.models import Routing
from apps.machines.models import Machine, Reason
from apps.processes.models import Process

M = TypeVar("M", bound=models.Model)


@dataclass(slots=True)
class Records:
    """The story, its calendar, and the rows written for it."""

    story: Story
    calendar: WorkCalendar
    users: dict[str, User] = field(default_factory=dict)
    processes: dict[str, Process] = field(default_factory=dict)
    machines: dict[str, Machine] = field(default_factory=dict)
    reasons: dict[str, Reason] = field(default_factory=dict)
    customers: list[Customer] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    routings: dict[str, Routing] = field(default_factory=dict)
    step_ids: dict[int, int] = field(default_factory=dict)  # By ``id()`` of the story's step.


def insert(model: type[M], rows: Iterable[M]) -> list[M]:
    """Insert rows in their order, so that keys and numbers follow it."""
    return list(model._base_manager.bulk_create(rows))


def take_ids(model: type[models.Model], count: int) -> list[int]:
    """Return so many new keys of a table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [int(key) for (key,) in cursor.fetchall()]


def copy(model: type[models.Model], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, all with the same columns, by COPY: a third of the time of models."""
    columns = ", ".join(rows[0])
    with (
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        set_context(cursor)
        with cursor.copy(f"COPY {model._meta.db_table} ({columns}) FROM STDIN") as target:
            for row in rows:
                target.write_row(tuple(row.values()))
