"""Records kept as plain values: who asks for one gets an instance of their own."""

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model
from django.db.models.base import ModelState

from apps.core.cache import CachedRead, Per
from apps.core.models import Record

M = TypeVar("M", bound=Record)
Instance = TypeVar("Instance", bound=Model)


class KeptRecord(Generic[M]):
    """Finds a record by a unique column, in the cache while nothing changed it.

    ``without`` are columns that the cache is not told: the instance reads them from the database
    when they are asked for. The read is called as the model unless a ``name`` is given.
    """

    def __init__(
        self,
        model: type[M],
        by: str = "pk",
        *,
        without: tuple[str, ...] = (),
        name: str = "",
        per: Per = Per.RECORD,
        warm: Callable[[], Iterable[Any]] | None = None,
    ) -> None:
        self._model, self._by = model, by
        fields = [each for each in model._meta.concrete_fields if each.name not in without]
        self._names = [each.attname for each in fields]
        self._read: CachedRead[Any, tuple[Any, ...] | None] = CachedRead(
            name or model._meta.label,
            self._load,
            per=per,
            warm=warm,
            of=model,
            key=attrgetter(by),
        )

    def __call__(self, value: Any) -> M | None:
        """Return the record; None without one. Queries: 0 while cached, else 1."""
        row = self._read(value)
        return None if row is None else self._model.from_db(connection.alias, self._names, row)

    def _load(self, value: Any) -> tuple[Any, ...] | None:
        rows = self._model._default_manager.filter(**{self._by: value})
        found: tuple[Any, ...] | None = rows.values_list(*self._names).first()
        return found


def own_copy(instance: Instance) -> Instance:
    """Return an instance as it is, and those that it leads to, for one alone to alter.

    It costs a sixth of making one of values again.
    """
    kind = type(instance)
    twin = kind.__new__(kind)
    state = ModelState()
    state.db, state.adding = instance._state.db, instance._state.adding
    state.fields_cache = {
        name: own_copy(each) if isinstance(each, Model) else each
        for name, each in instance._state.fields_cache.items()
    }
    twin.__dict__.update(instance.__dict__, _state=state)
    return twin
