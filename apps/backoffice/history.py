"""A record's history: its own changes, and those of the rows that its page shows with it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, cast

from django.contrib.admin import ModelAdmin
from django.db.models import Model, Q
from django.forms.models import _get_foreign_key
from django.http import HttpRequest
from django.utils.http import urlencode

from apps.audit import selectors
from apps.audit.models import AuditLog
from apps.audit.querysets import AuditLogQuerySet
from apps.backoffice import kinds
from apps.backoffice.trail import Telling
from apps.core.paging import BadCursor, Order, Page, Query, get_page

ROWS_ON_A_PAGE = 100
# Of the rows told with a record, so many of each kind: the newest.
PARTS_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Parts:
    """Rows that belong to a record: those of ``model`` whose ``column`` is ``key``."""

    model: type[Model]
    column: str
    key: int | None

    @property
    def table(self) -> str:
        """Where they lie."""
        return self.model._meta.db_table


def parts_of(shown_by: "ModelAdmin[Any]", record: Model) -> Iterator[Parts]:
    """Find what a record's page shows with it: rows of its inlines, and what it is tied to."""
    for inline in shown_by.inlines:
        key = _get_foreign_key(type(record), inline.model, fk_name=inline.fk_name)
        yield Parts(inline.model, key.column, record.pk)
    for relation in record._meta.many_to_many:
        through = cast("type[Model]", relation.remote_field.through)
        yield Parts(through, relation.m2m_column_name(), record.pk)


class History:
    """One page of a record's history, newest first.

    Queries: 3, 3 more for each kind of part, and those of ``Telling``.
    """

    parts_at_most = PARTS_AT_MOST
    look_at_most = selectors.LOOK_AT_MOST

    def __init__(self, request: HttpRequest, record: Model, parts: Iterable[Parts]) -> None:
        self._table, self._key = record._meta.db_table, record.pk
        self._trail = AuditLog.objects.between(selectors.begins(), selectors.soon())
        self._parts = [each for each in parts if each.key is not None and _is_audited(each)]
        self.cut_short: list[str] = []  # Kinds of part of which not all are told.
        self.looked_back_to: datetime | None = None
        self._until = request.GET.get("until", "")
        self.page = self._read(request.GET.get("p"))
        unsaid = {parts.table: parts.column for parts in self._parts}
        self.deeds = Telling(self.page.rows, request).deeds(self._table, unsaid)

    @property
    def newer_url(self) -> str:
        """The page before, if there is one."""
        return self._url(p=self.page.previous, until=self._until) if self.page.previous else ""

    @property
    def older_url(self) -> str:
        """The page after, if there is one."""
        return self._url(p=self.page.next, until=self._until) if self.page.next else ""

    @property
    def further_url(self) -> str:
        """What was before what has been looked through, once its last page is reached."""
        edge = self.looked_back_to
        return self._url(until=edge.isoformat()) if edge and not self.page.next else ""

    def _url(self, **query: str | None) -> str:
        return f"?{urlencode({name: value for name, value in query.items() if value})}"

    def _read(self, cursor: str | None) -> Page[AuditLog]:
        rows, order = self._rows(), Order.of(AuditLog, ["-at"])
        query = f"{self._table} {self._key} {self._until}"
        try:
            return get_page(Query(rows, order, query), limit=ROWS_ON_A_PAGE, cursor=cursor)
        except BadCursor:
            return get_page(Query(rows, order, query), limit=ROWS_ON_A_PAGE)

    def _rows(self) -> AuditLogQuerySet:
        ends = instant(self._until)
        trail = self._trail.before(ends) if ends else self._trail
        self.looked_back_to = selectors.look_back(trail.of_rows(self._table, [self._key]))
        places = [Q(table=self._table, row_id=self._key), *map(self._place, self._parts)]
        rows = trail.filter(reduce(or_, places))
        return rows.since(self.looked_back_to) if self.looked_back_to else rows

    def _place(self, parts: Parts) -> Q:
        """Return where the changes of some parts are: those of the newest PARTS_AT_MOST."""
        stored = parts.model._base_manager.filter(**{parts.column: parts.key})
        newest = stored.order_by("-pk").values_list("pk", flat=True)[: PARTS_AT_MOST + 1]
        keys = sorted({*newest, *self._deleted(parts)}, reverse=True)
        if len(keys) > PARTS_AT_MOST:
            self.cut_short.append(str(parts.model._meta.verbose_name_plural))
        return Q(table=parts.table, row_id__in=keys[:PARTS_AT_MOST])

    def _deleted(self, parts: Parts) -> Iterable[int]:
        """Return the parts that are gone, as far as the latest deletions of the shop tell."""
        deletions = self._trail.deletions()
        edge = selectors.look_back(deletions)
        gone = deletions.filter(
            table=parts.table, changes__contains={parts.column: [parts.key, None]}
        )
        gone = gone.since(edge) if edge else gone
        return gone.latest_first().values_list("row_id", flat=True)[: PARTS_AT_MOST + 1]


def _is_audited(parts: Parts) -> bool:
    return parts.table in kinds.audited_models()


def instant(text: str) -> datetime | None:
    """Read an instant of an address; None for anything else."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read if read.tzinfo else None
