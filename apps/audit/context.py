"""Telling PostgreSQL who acts, in the very message that writes.

The setting lasts for one transaction, or for one statement outside any: a pooled connection
never carries it over to its next user, and no savepoint that is rolled back can lose it.
"""

import re
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from psycopg.sql import Composable

from apps.core.acting import Acting, acting

# What may change a row; leading comments and parentheses do not hide it.
_WRITES = re.compile(
    r"(?:\s|\(|--[^\n]*\n|/\*.*?\*/)*(?:INSERT|UPDATE|DELETE|MERGE|WITH|COPY|DO|CALL|EXECUTE)\b",
    re.IGNORECASE | re.DOTALL,
)
_SAFE = re.compile(r"[A-Za-z0-9._-]{2,}")


def carry_context(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Have a new connection say who acts with each statement that writes."""
    if _say_who not in connection.execute_wrappers:
        connection.execute_wrappers.append(_say_who)


def set_context(cursor: Any) -> None:
    """Say who acts for the rest of the transaction, where no statement can: before a COPY."""
    who = acting()
    if who is not None:
        cursor.execute(_setting(who))


def _say_who(
    execute: Callable[..., Any],
    sql: Any,
    params: Any,
    many: bool,  # noqa: FBT001 - Django's signature
    context: dict[str, Any],
) -> Any:
    who = acting()
    if who is None:
        return execute(sql, params, many, context)
    cursor: CursorWrapper = context["cursor"]
    text = sql.as_string(cursor.connection) if isinstance(sql, Composable) else sql
    if not _WRITES.match(text):
        return execute(sql, params, many, context)
    if many:
        return _say_first(execute, text, params, context)
    result = execute(f"{_setting(who)};{text}", params, many, context)
    cursor.nextset()  # Past the setting's answer, to the statement's own.
    return result


def _say_first(execute: Callable[..., Any], sql: str, params: Any, context: dict[str, Any]) -> Any:
    """Say who acts before many executions of one statement, which take no second one."""
    connection = context["connection"]
    with transaction.atomic(using=connection.alias, savepoint=False):
        with connection.cursor() as cursor:
            set_context(cursor)
        return execute(sql, params, True, context)


def _setting(who: Acting) -> str:
    actor_id = who.actor_id
    actor = "" if actor_id is None else str(int(actor_id))
    request_id = who.request_id if _SAFE.fullmatch(who.request_id) else ""  # "-" is none.
    return (
        f"SELECT set_config('andon.actor', '{actor}', true),"
        f" set_config('andon.source', '{who.source.value}', true),"
        f" set_config('andon.request_id', '{request_id}', true)"
    )
