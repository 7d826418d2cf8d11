"""What PostgreSQL says and refuses, in our words."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connections, models, transaction
from django.db.models.constants import LOOKUP_SEP
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext as _

from apps.core.errors import Conflict, DomainError, InUse, Invalid

FOREIGN_KEY_VIOLATION = "23503"
UNIQUE_VIOLATION = "23505"
IN_USE = gettext_lazy("Other records refer to this one, or it refers to one that is gone.")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the database objected to. Source: libpq ``PG_DIAG_*``, as psycopg's ``diag``."""

    sqlstate: str | None
    constraint: str | None
    table: str | None


def refusal(error: IntegrityError) -> Refusal:
    """Return what the database objected to."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return Refusal(
        getattr(error.__cause__, "sqlstate", None),
        getattr(diagnostics, "constraint_name", None),
        getattr(diagnostics, "table_name", None),
    )


@contextmanager
def refusals(
    model: type[models.Model],
    answers: Mapping[str, DomainError] | None = None,
    *,
    in_use: str | Promise = IN_USE,
) -> Iterator[None]:
    """Turn a refusal by a named constraint into a domain error; in a savepoint of its own.

    ``answers`` maps constraint names to errors; other constraints of ``model`` speak with
    their ``violation_error_message`` and name the first field they are about; those that Django
    makes for a column (unique, not negative) name it.

    Raises: DomainError; IntegrityError for what nobody named.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        said = refusal(error)
        raise _answer(model, said, answers or {}, in_use) or error from error


def _answer(
    model: type[models.Model],
    said: Refusal,
    answers: Mapping[str, DomainError],
    in_use: str | Promise,
) -> DomainError | None:
    if said.constraint and said.constraint in answers:
        return answers[said.constraint]
    if said.sqlstate == FOREIGN_KEY_VIOLATION:
        return InUse(str(in_use))
    found = _answer_by_name(model, said)
    if found is None and said.sqlstate == UNIQUE_VIOLATION:
        return Conflict(_("Another record has this value already."))
    return found


def _answer_by_name(model: type[models.Model], said: Refusal) -> DomainError | None:
    """Say what a constraint of the model holds: of ours, or of a column's own."""
    for constraint in model._meta.constraints:
        if constraint.name == said.constraint:
            message = str(constraint.get_violation_error_message())
            return Invalid(message, field=_first_field(constraint))
    for field in model._meta.concrete_fields:
        column = f"{model._meta.db_table}_{field.column}"
        if said.constraint == f"{column}_key":
            words = _("Another %(record)s has this %(field)s.")
            return Invalid(words % _named(model, field), field=field.name)
        if said.constraint == f"{column}_check":
            words = _("The %(field)s of a %(record)s cannot be that.")
            return Invalid(words % _named(model, field), field=field.name)
    return None


def _named(model: type[models.Model], field: "models.Field[Any, Any]") -> dict[str, str]:
    record, name = str(model._meta.verbose_name), str(field.verbose_name)
    return {"record": gettext(record), "field": gettext(name)}


def _first_field(constraint: models.BaseConstraint) -> str | None:
    """Return the field that a constraint names first: people are shown its refusal there."""
    if fields := getattr(constraint, "fields", ()):
        return str(fields[0])
    if isinstance(constraint, models.UniqueConstraint):
        expressions: Any = constraint.expressions
        parts = (part for each in expressions for part in each.flatten())
        return next((part.name for part in parts if isinstance(part, models.F)), None)  # type: ignore[attr-defined]  # F has one
    condition: Any = getattr(constraint, "condition", None)
    while isinstance(condition, models.Q):
        condition = condition.children[0]
    return str(condition[0]).partition(LOOKUP_SEP)[0] if condition else None


def update_rows(rows: Sequence[models.Model], columns: Sequence[str]) -> None:
    """Write columns (by attribute: ``machine_id``) of stored, locked rows in one statement.

    Every row's value of each column is written. Queries: 1, whatever the number of rows; 0 for
    none.
    """
    update_tables((rows, columns))


def update_tables(*changes: tuple[Sequence[models.Model], Sequence[str]]) -> None:
    """Do as ``update_rows`` for the rows of several tables, in one statement for all.

    No row's trigger may look at what another table's change is: their order is not said.
    Queries: 1; 0 for none.
    """
    updates = [_update(rows, columns) for rows, columns in changes if rows and columns]
    if not updates:
        return
    *others, last = (sql for sql, _ in updates)
    parts = ", ".join(f"change_{place} AS ({sql})" for place, sql in enumerate(others))
    with connections["default"].cursor() as cursor:
        cursor.execute(
            f"WITH {parts} {last}" if others else last,
            [value for _, values in updates for value in values],
        )


def _update(rows: Sequence[models.Model], columns: Sequence[str]) -> tuple[str, list[Any]]:
    model, connection = type(rows[0]), connections["default"]
    quote = connection.ops.quote_name
    fields: list[Any] = [model._meta.pk, *map(model._meta.get_field, columns)]
    row = ", ".join(f"%s::{field.db_type(connection)}" for field in fields)
    values = ", ".join([f"({row})"] * len(rows))
    names = [quote(field.column) for field in fields]
    assigned = ", ".join(f"{name} = new.{name}" for name in names[1:])
    sql = (
        f"UPDATE {quote(model._meta.db_table)} AS old SET {assigned}"  # noqa: S608 - the model's own names
        f" FROM (VALUES {values}) AS new ({', '.join(names)})"
        f" WHERE old.{names[0]} = new.{names[0]}"
    )
    return sql, [
        field.get_db_prep_save(getattr(each, field.attname), connection)
        for each in rows
        for field in fields
    ]


def estimated_rows(table: str, using: str = "default") -> int:
    """Return the planner's idea of how many rows a table has; -1 when it has none.

    Source: PostgreSQL manual, "Row Estimation Examples": ``pg_class.reltuples`` is kept by
    VACUUM and ANALYZE. Queries: 1.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(reltuples), -1)::bigint FROM pg_class"
            " WHERE oid = to_regclass(quote_ident(%s)) AND reltuples >= 0",
            [table],
        )
        return int(cursor.fetchone()[0])
