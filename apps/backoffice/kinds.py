"""The kinds of record that leave a trail, by table: their words, their names, their pages."""

from collections.abc import Collection, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db.models import ForeignKey, Model
from django.http import HttpRequest
from django.urls import reverse

from apps.audit.triggers import AuditTrigger

# What the trail keeps of itself, and of what no model stands for.
_WORDS: Mapping[str, str] = MappingProxyType({"audit_logs": "month of the trail"})
# Columns that people know a record by.
KNOWN_BY = ("number", "code", "username")


@cache
def audited_models() -> Mapping[str, type[Model]]:
    """Return the models whose rows leave a trail, by table."""
    return MappingProxyType(
        {
            model._meta.db_table: model
            for model in apps.get_models()
            if any(isinstance(each, AuditTrigger) for each in getattr(model._meta, "triggers", ()))
        }
    )


def kind(table: str) -> str:
    """Return what one row of a table is called."""
    model = audited_models().get(table)
    return str(model._meta.verbose_name) if model else _WORDS.get(table, table.replace("_", " "))


def kinds() -> list[tuple[str, str]]:
    """Return every table that leaves a trail with what its rows are called, by that name."""
    words = ((table, kind(table).capitalize()) for table in [*audited_models(), *_WORDS])
    return sorted(words, key=lambda pair: pair[1])


def names_of(model: type[Model], keys: Collection[int]) -> dict[int, str]:
    """Return what the rows that are still there are called, by key. Queries: 1."""
    rows = model._base_manager.filter(pk__in=keys).select_related(*_joined(model))
    return {row.pk: _name(row) for row in rows}


def _joined(model: type[Model]) -> list[str]:
    """Return what a row's name may be made of: what its list joins, or its own foreign keys."""
    listed = admin.site._registry.get(model)
    if listed and listed.list_select_related:
        return list(listed.list_select_related)  # type: ignore[arg-type]  # a tuple in every admin of ours
    return [field.name for field in model._meta.concrete_fields if isinstance(field, ForeignKey)]


def _name(row: Model) -> str:
    if isinstance(row, Permission):
        return row.name
    if type(row).__str__ is not Model.__str__:
        return str(row)
    pair = (getattr(row, name) for name in _joined(type(row)))
    return " · ".join(_name(each) for each in pair if each is not None)


def known_by(model: type[Model]) -> list[str]:
    """Return the columns by which one record is known, each the first of a unique index."""
    leading = {constraint.fields[0] for constraint in model._meta.total_unique_constraints}
    named = (field for field in model._meta.concrete_fields if field.name in KNOWN_BY)
    return [str(field.column) for field in named if field.unique or field.name in leading]


def find_record(term: str, table: str | None = None) -> tuple[str, int] | None:
    """Return table and key of the record with a number, code or sign-in name, if there is one.

    Uses index: the unique one of each column. Queries: at most one for each.
    """
    for each, model in audited_models().items():
        for column in known_by(model) if table in {None, each} else ():
            rows = model._base_manager.filter(**{f"{column}__in": {term, term.upper()}})
            key = rows.values_list("pk", flat=True).first()
            if key is not None:
                return each, key
    return None


def address(request: HttpRequest, table: str, key: int, page: str) -> str:
    """Return where a page of a record is; nothing where there is none, or not for this user."""
    model = audited_models().get(table)
    listed: Any = admin.site._registry.get(model) if model else None
    if listed is None or not listed.has_view_or_change_permission(request):
        return ""
    return reverse(f"admin:{listed.opts.app_label}_{listed.opts.model_name}_{page}", args=[key])
