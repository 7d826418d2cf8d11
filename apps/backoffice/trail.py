"""The trail in words: what changed in which record, and by whom, as people say it."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator, capfirst

from apps.audit.models import Action, AuditLog
from apps.backoffice import kinds

SHORT = 80  # Letters of a value that stand in its line; the rest opens.
FIRST = 3  # Fields of a change that a list shows.
NO_REQUEST = ("", "-")
_UNSAID = ("created_at",)  # Of a new row: it is when the row says it came.


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as people read it; ``whole`` is there when it was too long for its line."""

    text: str
    whole: str = ""
    is_empty: bool = False


EMPTY = Shown("empty", is_empty=True)


@dataclass(frozen=True, slots=True)
class Line:
    """One field that changed."""

    label: str
    old: Shown
    new: Shown


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of one row. ``lines`` are what changed; of a new or deleted row, what it held.

    ``address`` is its record's history, if there is one that the reader may see.
    """

    row: AuditLog
    kind: str
    name: str
    address: str
    lines: tuple[Line, ...]

    @property
    def is_secret(self) -> bool:
        """Whether only a password or PIN changed, of which the trail keeps nothing."""
        return self.row.action == Action.UPDATE and not self.row.changes

    @property
    def held(self) -> list[tuple[str, Shown]]:
        """What a new row was given, or a deleted one had."""
        is_new = self.row.action == Action.INSERT
        return [(line.label, line.new if is_new else line.old) for line in self.lines]

    # In short, for a list.

    @property
    def first_lines(self) -> tuple[Line, ...]:
        """The first fields that changed."""
        return self.lines[:FIRST]

    @property
    def first_held(self) -> list[tuple[str, Shown]]:
        """The first values of a new or deleted row."""
        return self.held[:FIRST]

    @property
    def unsaid(self) -> int:
        """How many fields come after the first."""
        return max(len(self.lines) - FIRST, 0)

    @property
    def has_request(self) -> bool:
        """Whether others may have changed with it."""
        return self.row.request_id not in NO_REQUEST


@dataclass(frozen=True, slots=True)
class Who:
    """Who acted; ``address`` is their page, if the reader may see it."""

    name: str
    address: str = ""


NOBODY = Who("Nobody signed in")


@dataclass(frozen=True, slots=True)
class Deed:
    """What one person or program changed in one go, newest deeds first."""

    who: Who
    entries: list[Entry]

    @property
    def has_request(self) -> bool:
        """Whether a request did it, and not a program or a person at the database."""
        return self.row.request_id not in NO_REQUEST

    @property
    def row(self) -> AuditLog:
        """The latest change, whose time, door and request are the deed's."""
        return max((entry.row for entry in self.entries), key=lambda row: (row.at, row.pk))


class Telling:
    """A page of the trail, told to one reader. Queries: one for each kind of record it names."""

    def __init__(self, rows: Sequence[AuditLog], request: HttpRequest) -> None:
        self.rows = rows
        self._request = request
        self._users = get_user_model()
        self._names = {
            model: kinds.names_of(model, keys) for model, keys in self._referred().items()
        }

    def entries(self, leave_out: Mapping[str, str] | None = None) -> list[Entry]:
        """Return the changes in the order of the rows, without a column of some tables."""
        return [self._entry(row, (leave_out or {}).get(row.table)) for row in self.rows]

    def deeds(self, table: str, leave_out: Mapping[str, str]) -> list[Deed]:
        """Return what was done in one go, the record's own table first in each."""
        return [
            Deed(self.who(done[0].row), sorted(done, key=lambda entry: _place(entry, table)))
            for done in (list(some) for _, some in groupby(self.entries(leave_out), _in_one_go))
        ]

    def who(self, row: AuditLog) -> Who:
        """Return who made a change."""
        if row.actor_id is None:
            return NOBODY
        name = self._named(self._users, row.actor_id)
        table = self._users._meta.db_table
        there = row.actor_id in self._names[self._users]
        page = kinds.address(self._request, table, row.actor_id, "change") if there else ""
        return Who(name, page)

    def _entry(self, row: AuditLog, unsaid: str | None) -> Entry:
        model = kinds.audited_models().get(row.table)
        known = self._names[model].get(row.row_id) if model else None
        return Entry(
            row,
            kinds.kind(row.table),
            known or _name_kept(row.changes) or f"no. {row.row_id}",
            kinds.address(self._request, row.table, row.row_id, "history"),
            tuple(self._lines(row, unsaid)),
        )

    def _lines(self, row: AuditLog, unsaid: str | None) -> Iterator[Line]:
        fields = _fields(row.table)
        whole = row.action != Action.UPDATE
        places = {column: place for place, column in enumerate(fields)}
        for column in sorted(row.changes, key=lambda each: places.get(each, len(places))):
            old, new = row.changes[column]
            says_little = column in _UNSAID or (not old and not new)
            if column == unsaid or (whole and says_little):
                continue
            field = fields.get(column)
            label = capfirst(str(field.verbose_name) if field else column.replace("_", " "))
            yield Line(label, self._shown(field, old), self._shown(field, new))

    def _shown(self, field: Any, value: Any) -> Shown:
        if value in (None, ""):
            return EMPTY
        if field is not None and field.remote_field:
            return Shown(self._named(field.related_model, value))
        if field is not None and field.choices:
            return Shown(str(dict(field.flatchoices).get(value, value)))
        text = _text(field, value)
        short = Truncator(" ".join(text.split())).chars(SHORT)
        return Shown(short) if short == text else Shown(short, whole=text)

    def _named(self, model: type[models.Model], key: int) -> str:
        return (
            self._names[model].get(key)
            or f"{capfirst(str(model._meta.verbose_name))} no. {key}, deleted"
        )

    def _referred(self) -> dict[type[models.Model], set[int]]:
        """Return every row that the page names, by model."""
        keys: dict[type[models.Model], set[int]] = defaultdict(set)
        keys[self._users] |= {row.actor_id for row in self.rows if row.actor_id is not None}
        for row in self.rows:
            model = kinds.audited_models().get(row.table)
            if model:
                keys[model].add(row.row_id)
            fields = _fields(row.table)
            for column, values in row.changes.items():
                field = fields.get(column)
                if field is not None and field.remote_field:
                    keys[field.related_model] |= {value for value in values if value is not None}
        return keys


def _in_one_go(entry: Entry) -> tuple[Any, ...]:
    """Return what the changes of one deed share: a request, or a second where there is none."""
    row = entry.row
    second = row.at.replace(microsecond=0) if row.request_id in NO_REQUEST else None
    return row.actor_id, row.source, row.request_id, second


def _place(entry: Entry, table: str) -> tuple[Any, ...]:
    row = entry.row
    return row.table != table, row.table, row.row_id, row.at, row.pk


def _fields(table: str) -> dict[str, Any]:
    model = kinds.audited_models().get(table)
    return {str(field.column): field for field in model._meta.concrete_fields} if model else {}


def _name_kept(changes: Mapping[str, Sequence[Any]]) -> str:
    """Return the name that a row had when it was added or deleted, if the trail says it."""
    names = (*kinds.KNOWN_BY, "full_name", "name", "title", "file_name")
    kept: Iterable[Any] = (value for name in names for value in changes.get(name, ()) if value)
    return str(next(iter(kept), ""))


def _text(field: Any, value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, int | float):
        return f"{value:,}"
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return _moment(field, value) or value


def _moment(field: Any, value: str) -> str:
    """Return a date or time in the shop's zone; nothing for another kind of value."""
    try:
        if isinstance(field, models.DateTimeField):
            return when(datetime.fromisoformat(value))
        if isinstance(field, models.DateField):
            return date_format(date.fromisoformat(value), "j M Y")
        if isinstance(field, models.TimeField):
            return f"{time.fromisoformat(value):%H:%M}"
    except ValueError:  # PostgreSQL knows dates that Python does not: infinity.
        return value
    return ""


def when(instant: datetime) -> str:
    """Return an instant in the shop's zone: ``22 Nov 2026, 05:49``."""
    return date_format(timezone.localtime(instant), "j M Y, H:i")
