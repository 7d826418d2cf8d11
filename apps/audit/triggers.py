"""The row triggers that write the trail: one line in a model's ``Meta.triggers``."""

from collections.abc import Iterator, Sequence
from typing import Any

import pgtrigger
from django.db import models
from pgtrigger import compiler

BOOKKEEPING = ("version", "updated_at")  # Follow from every other change.
_PAIRS_AT_ONCE = 40  # PostgreSQL's functions take a hundred arguments.


def audited(*, ignored: Sequence[str] = (), secret: Sequence[str] = ()) -> "list[AuditTrigger]":
    """Return the trigger that records every change of a table's rows, for ``Meta.triggers``.

    ``ignored`` columns leave no trace: what a machine keeps for itself. Of ``secret`` ones the
    trail says that something changed, never what. Generated columns are left out unasked.
    """
    return [AuditTrigger(ignored, secret)]


class AuditTrigger(pgtrigger.Trigger):
    """Write one row to ``audit_logs`` for each row inserted, updated or deleted."""

    name = "audit"
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
    func = "RETURN NULL;"  # AuditSql writes the real one.

    def __init__(self, ignored: Sequence[str], secret: Sequence[str]) -> None:
        super().__init__()
        self.ignored = {*BOOKKEEPING, *ignored}
        self.secret = tuple(secret)

    def compile(self, model: Any) -> compiler.Trigger:
        """Return the trigger as migrations keep it."""
        fields = [
            field
            for field in model._meta.concrete_fields
            if not isinstance(field, models.GeneratedField)
            and field.name not in {*self.ignored, *self.secret, model._meta.pk.name}
        ]
        sql = AuditSql(
            pgid=self.get_pgid(model),
            table=model._meta.db_table,
            key=model._meta.pk.column,
            columns=[field.column for field in fields if not field.null],
            nullable=[field.column for field in fields if field.null],
            secret=[model._meta.get_field(name).column for name in self.secret],
        )
        return compiler.Trigger(name=self.name, sql=sql)


class AuditSql(compiler.UpsertTriggerSql):
    """The SQL of an audit trigger: no session setting skips it; it writes where others may not.

    Spelled out column by column: turning whole rows into JSON and comparing those costs thrice.
    """

    def __init__(  # noqa: PLR0913 - what a migration keeps of a table
        self,
        *,
        pgid: str,
        table: str,
        key: str,
        columns: Sequence[str],
        nullable: Sequence[str],
        secret: Sequence[str] = (),
        hash: str | None = None,  # noqa: A002 - the base class's name for it
    ) -> None:
        self.kept: dict[str, Any] = {
            "pgid": pgid,
            "table": table,
            "key": key,
            "columns": list(columns),
            "nullable": list(nullable),
            "secret": list(secret),
        }
        func = _FUNCTION.format(
            inserted=_all("NEW", columns, nullable),
            deleted=_all("OLD", columns, nullable),
            updated=_changed([key, *columns, *nullable]),
            secret_same=" AND ".join(_same(name) for name in secret) or "true",
            key=_quote(key),
        )
        super().__init__(
            pgid=pgid,
            func=func,
            table=table,
            when=AuditTrigger.when,
            operation=AuditTrigger.operation,
            hash=hash,
        )

    def get_template(self) -> str:
        """Return the SQL that installs function and trigger."""
        return """
CREATE OR REPLACE FUNCTION {pgid}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
{func}
$$;
DROP TRIGGER IF EXISTS {pgid} ON {table};
CREATE TRIGGER {pgid} {when} {operation} ON {table} FOR EACH {level} EXECUTE FUNCTION {execute};
COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
"""

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        """Return what a migration keeps: the columns, not the function made of them."""
        path = f"{type(self).__module__}.{type(self).__name__}"
        return path, [], {**self.kept, "hash": self.hash}


_FUNCTION = """
DECLARE
    changes jsonb := '{{}}';
    key bigint;
BEGIN
    IF TG_OP = 'INSERT' THEN
        key := NEW.{key};
{inserted}
    ELSIF TG_OP = 'DELETE' THEN
        key := OLD.{key};
{deleted}
    ELSE
        key := OLD.{key};
{updated}
        IF changes = '{{}}' AND {secret_same} THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO public.audit_logs (actor_id, source, request_id, "table", row_id, action, changes)
    VALUES (
        nullif(current_setting('andon.actor', true), '')::bigint,
        coalesce(nullif(current_setting('andon.source', true), ''), 'sql'),
        coalesce(current_setting('andon.request_id', true), ''),
        TG_TABLE_NAME, key, lower(TG_OP), changes
    );
    RETURN NULL;
END;
"""


def _all(row: str, columns: Sequence[str], nullable: Sequence[str]) -> str:
    """Return the statements that note a whole row, nulls left out."""
    return "\n".join([*_always(row, columns), *(_unless_null(row, name) for name in nullable)])


def _always(row: str, columns: Sequence[str]) -> Iterator[str]:
    for start in range(0, len(columns), _PAIRS_AT_ONCE):
        some = columns[start : start + _PAIRS_AT_ONCE]
        pairs = ", ".join(_pair(name, row) for name in some)
        yield f"        changes := changes || jsonb_build_object({pairs});"


def _unless_null(row: str, name: str) -> str:
    return (
        f"        IF {row}.{_quote(name)} IS NOT NULL THEN"
        f" changes := changes || jsonb_build_object({_pair(name, row)}); END IF;"
    )


def _changed(columns: Sequence[str]) -> str:
    """Return the statements that note the columns that differ."""
    return "\n".join(
        f"        IF NOT ({_same(name)}) THEN changes := changes || jsonb_build_object('{name}',"
        f" jsonb_build_array(OLD.{_quote(name)}, NEW.{_quote(name)})); END IF;"
        for name in columns
    )


def _pair(name: str, row: str) -> str:
    value = f"{row}.{_quote(name)}"
    both = f"NULL, {value}" if row == "NEW" else f"{value}, NULL"
    return f"'{name}', jsonb_build_array({both})"


def _same(name: str) -> str:
    return f"NEW.{_quote(name)} IS NOT DISTINCT FROM OLD.{_quote(name)}"


def _quote(name: str) -> str:
    return f'"{name}"'
