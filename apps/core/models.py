"""The base of every table."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import pgtrigger
from django.db import models, transaction
from django.db.models.functions import Now

from apps.core.triggers import Trigger


class Record(models.Model):
    """A row with its times and, for people who edit it at once, its version.

    ``version`` and ``updated_at`` are raised by a trigger (see ``raises_version``), so that raw
    SQL and bulk updates raise them too.
    """

    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    forgotten_by: ClassVar[tuple[Callable[[Any], None], ...]] = ()
    """What forgets the record when it changes: each is added by a ``CachedRead`` of its model."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the record; whatever is cached of it is forgotten with the commit."""
        super().save(*args, **kwargs)
        for forget in self.forgotten_by:
            forget(self)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the record; whatever is cached of it is forgotten with the commit."""
        with transaction.atomic():
            for forget in self.forgotten_by:
                forget(self)
            return super().delete(*args, **kwargs)


class RaisesVersion(Trigger):
    """Raise ``version`` and ``updated_at`` when a column that people edit changes.

    ``derived`` columns follow from others (a status, a sum): their change makes no form stale.
    """

    name = "raise_version"
    when = pgtrigger.Before
    operation = pgtrigger.Update
    func = "NEW.version = OLD.version + 1; NEW.updated_at = now(); RETURN NEW;"

    def __init__(self, derived: Sequence[str] = ()) -> None:
        own = ("id", "created_at", "updated_at", "version")
        super().__init__(condition=pgtrigger.AnyChange(exclude=[*own, *derived]))


def raises_version(*derived: str) -> list[RaisesVersion]:
    """Return the triggers of an editable table, for ``Meta.triggers``."""
    return [RaisesVersion(derived)]
