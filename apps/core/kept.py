"""Records kept as plain values: who asks for one gets an instance of their own."""

from operator import attrgetter
from typing import Any, Generic, TypeVar

from django.db import connection

from apps.core.cache import CachedRead
from apps.core.models import Record

M = TypeVar("M", bound=Record)


class KeptRecord(Generic[M]):
    """Finds a record by a unique column, in the cache while nothing changed it.

    ``without`` are columns that the cache is not told: the instance reads them from the database
    when they are asked for.
    """

    def __init__(self, model: type[M], by: str = "pk", *, without: tuple[str, ...] = ()) -> None:
        self._model, self._by = model, by
        fields = [each for each in model._meta.concrete_fields if each.name not in without]
        self._names = [each.attname for each in fields]
        self._read: CachedRead[Any, tuple[Any, ...] | None] = CachedRead(
            model._meta.label, self._load, of=model, key=attrgetter(by)
        )

    def __call__(self, value: Any) -> M | None:
        """Return the record; None without one. Queries: 0 while cached, else 1."""
        row = self._read(value)
        return None if row is None else self._model.from_db(connection.alias, self._names, row)

    def _load(self, value: Any) -> tuple[Any, ...] | None:
        rows = self._model._default_manager.filter(**{self._by: value})
        found: tuple[Any, ...] | None = rows.values_list(*self._names).first()
        return found
