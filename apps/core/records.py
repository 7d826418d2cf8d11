"""Records by their key, and saving and deleting those with no rules beyond their constraints."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from django.db import connection, models, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext as _

from apps.core.db import refusals
from apps.core.policies import Actor, require

M = TypeVar("M", bound=models.Model)

# By what one would do; what records are called is in ``nouns``.
_REFUSALS: Mapping[str, Any] = MappingProxyType(
    {
        "add": gettext_lazy("You may not add %(records)s."),
        "change": gettext_lazy("You may not change %(records)s."),
        "delete": gettext_lazy("You may not delete %(records)s."),
        "view": gettext_lazy("You may not view %(records)s."),
    }
)


def permission(action: str, model: type[models.Model]) -> str:
    """Return Django's name for "may ``action`` a ``model``"."""
    return f"{model._meta.app_label}.{action}_{model._meta.model_name}"


def require_record(action: str, model: type[models.Model], *, actor: Actor) -> None:
    """Refuse unless the actor may ``action`` (add, change, delete, view) such records.

    Raises: NotPermitted.
    """
    records = gettext(str(model._meta.verbose_name_plural))
    require(actor, permission(action, model), _REFUSALS[action] % {"records": records})


def find_or_new(model: type[M], external_id: str) -> M:
    """Return the record that another system knows by ``external_id``, locked, or a new one.

    Until commit nobody else finds or makes one of that key here: of two who store it at once the
    second finds what the first stored, and changes it. ``_state.adding`` tells which it is. Who
    stores one without asking here is held off by the unique constraint alone.

    Raises:  TransactionManagementError outside a transaction.
    Locks:   the key, whether or not there is such a row; then the row.
    Queries: 2. The second sees what was committed while the first waited.
    """
    rows = model._default_manager.select_for_update(of=("self",), no_key=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"{model._meta.db_table} {external_id}"],
        )
    return rows.filter(external_id=external_id).first() or model(external_id=external_id)


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


def raise_version(record: models.Model) -> None:
    """Make what others have read of a locked record stale: what belongs to it changed.

    Rows of its own are seen by its trigger; this is for those of other tables.
    """
    rows = type(record)._base_manager.filter(pk=record.pk)
    rows.update(version=F("version") + 1, updated_at=Now())


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
        model,
        in_use=_("%(record)s is in use and cannot be deleted. Deactivate it instead.")
        % {"record": record},
    ):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for relation in model._meta.many_to_many:
            getattr(record, relation.name).clear()
        model._base_manager.filter(pk=record.pk)._raw_delete(using="default")
