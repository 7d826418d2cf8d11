"""Saving and deleting a record that has no rules beyond its constraints and permissions."""

from collections.abc import Collection

from django.db import connection, models, transaction

from apps.core.db import refusals
from apps.core.policies import Actor, require


def permission(action: str, model: type[models.Model]) -> str:
    """Return Django's name for "may ``action`` a ``model``"."""
    return f"{model._meta.app_label}.{action}_{model._meta.model_name}"


def require_record(action: str, model: type[models.Model], *, actor: Actor) -> None:
    """Refuse unless the actor may ``action`` (add, change, delete, view) such records.

    Raises: NotPermitted.
    """
    require(actor, permission(action, model), f"{action} {model._meta.verbose_name_plural}")


@transaction.atomic
def save_record(
    record: models.Model, *, actor: Actor, fields: Collection[str] | None = None
) -> None:
    """Insert a new record, or write ``fields`` of a stored one and no other column.

    Raises: NotPermitted; Invalid or Conflict for what a constraint refuses.
    """
    adding = record._state.adding
    require_record("add" if adding else "change", type(record), actor=actor)
    with refusals(type(record)):
        record.save(force_insert=adding, update_fields=None if adding else fields)


@transaction.atomic
def delete_record(record: models.Model, *, actor: Actor) -> None:
    """Delete a record that no other refers to.

    The foreign keys decide, at the cost of an index look-up each: Django's collector would
    first load every row that refers to it.

    Raises: NotPermitted; InUse, which says to deactivate it instead.
    """
    model = type(record)
    require_record("delete", model, actor=actor)
    with refusals(
        model, in_use=f"{record} is in use and cannot be deleted. Deactivate it instead."
    ):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for relation in model._meta.many_to_many:
            getattr(record, relation.name).clear()
        model._base_manager.filter(pk=record.pk)._raw_delete(using="default")
