"""The trail's months, and questions to it that no length of trail makes dear."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from apps.audit.models import Action, AuditLog
from apps.audit.querysets import AuditLogQuerySet

# No answer looks through more changes than this at once; older ones are another question.
LOOK_AT_MOST = 2_000


@dataclass(frozen=True, slots=True)
class Month:
    """A partition, and the instants between which its rows lie (the second excluded)."""

    partition: str
    starts: datetime
    ends: datetime


def this_month() -> date:
    """Return the first day of the month, in UTC as the partitions are."""
    return datetime.now(UTC).date().replace(day=1)


def months() -> list[Month]:
    """Return the months that have a partition, oldest first. Queries: 1."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT child.relname, bound[1]::timestamptz AS starts, bound[2]::timestamptz"
            " FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid,"
            " regexp_match(pg_get_expr(child.relpartbound, child.oid),"
            " $$FROM \\('(.+)'\\) TO \\('(.+)'\\)$$) AS bound"
            " WHERE inhparent = to_regclass('audit_logs') AND bound IS NOT NULL ORDER BY starts"
        )
        return [Month(*row) for row in cursor.fetchall()]


def months_ahead() -> int:
    """Return how many months after this one have a partition."""
    return sum(month.starts.date() > this_month() for month in months())


@dataclass(frozen=True, slots=True)
class Question:
    """Which changes are asked for: those between two instants for which all that is given holds."""

    starts: datetime
    ends: datetime
    table: str | None = None
    row_id: int | None = None
    actor_id: int | None = None
    source: str | None = None
    action: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The changes found, and how far back was looked (None: as far back as was asked)."""

    rows: AuditLogQuerySet
    looked_back_to: datetime | None = None


def ask(question: Question) -> Answer:
    """Return the changes asked for, at a cost that does not grow with the trail.

    One condition that an index serves is answered in full. Where conditions combine, rows that
    meet one of them may all miss another: then only the latest LOOK_AT_MOST rows of the rarest
    one are looked through. Queries: at most 4, and none for a single condition.
    """
    rows = AuditLog.objects.between(question.starts, question.ends)
    served, others = _served(question), _others(question)
    if not others and len(served) <= 1:
        return Answer(rows.filter(*served))
    reached = [look_back(rows.filter(condition)) for condition in served or [Q()]]
    edge = None if None in reached else min(each for each in reached if each)
    rows = rows.filter(*served, *others)
    return Answer(rows.since(edge) if edge else rows, edge)


def look_back(rows: AuditLogQuerySet) -> datetime | None:
    """Return when the last of the latest LOOK_AT_MOST changes was; None if there are fewer.

    ``rows`` is one range of an index that ends in ``at``: its entries are passed over, the table
    is not read. Queries: 1.
    """
    place = LOOK_AT_MOST - 1
    return rows.order_by("-at").values_list("at", flat=True)[place : place + 1].first()


def _served(question: Question) -> list[Q]:
    """Return the conditions that an index serves, each in the order of time."""
    served = []
    if question.row_id is not None:
        served.append(Q(table=question.table, row_id=question.row_id))
    elif question.table:
        served.append(Q(table=question.table))
    if question.actor_id is not None:
        served.append(Q(actor_id=question.actor_id))
    if question.source:
        served.append(Q(source=question.source))
    if question.action == Action.DELETE:
        served.append(Q(action=Action.DELETE))
    return served


def _others(question: Question) -> list[Q]:
    """Return the conditions for which rows are read and looked at."""
    others = []
    if question.action and question.action != Action.DELETE:
        others.append(Q(action=question.action))
    if question.request_id:
        others.append(Q(request_id=question.request_id))
    return others


def begins() -> datetime:
    """Return the instant before which the trail has no month. Queries: 1."""
    return min((month.starts for month in months()), default=timezone.now())


def soon() -> datetime:
    """Return an instant after every change so far, whosever clock is a little wrong."""
    return timezone.now() + timedelta(days=1)
