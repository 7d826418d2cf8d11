"""One record, with those it refers to, found by a statement that is compiled once.

Every request asks who is asking. Writing that question anew, and reading its answer, took the ORM
a fifth of a small request's processor time.
"""

from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model
from django.db.models.constants import LOOKUP_SEP

M = TypeVar("M", bound=Model)


class Lookup(Generic[M]):
    """Finds a record by a unique column.

    ``joined`` are the foreign keys that are followed, the nearest first (``"user",
    "user__role"``); none of them is null.
    """

    def __init__(self, model: type[M], by: str, *joined: str) -> None:
        self._model, self._by, self._joined = model, by, joined
        self._statement = ""

    def __call__(self, value: Any) -> M | None:
        """Return the record, and the joined ones with it; None without one. Queries: 1."""
        self._statement = self._statement or self._compile(value)
        with connection.cursor() as cursor:
            cursor.execute(self._statement, [value])
            row = cursor.fetchone()
        if row is None:
            return None
        found: dict[str, Any] = {}
        for path, model, names, (start, end) in self._parts:
            found[path] = model.from_db(connection.alias, names, row[start:end])
            if path:
                owner, _, name = path.rpartition(LOOKUP_SEP)
                setattr(found[owner], name, found[path])
        record: M = found[""]
        return record

    @cached_property
    def _parts(self) -> list[tuple[str, type[Model], list[str], tuple[int, int]]]:
        """Where each record's columns stand in a row.

        Raises: TypeError for a column that Django reads otherwise than psycopg.
        """
        models: list[type[Model]] = [self._model, *map(self._at, self._joined)]
        fields = [model._meta.concrete_fields for model in models]
        if odd := [
            str(each) for some in fields for each in some if each.get_db_converters(connection)
        ]:
            raise TypeError(f"These columns are read by the ORM alone: {', '.join(odd)}.")
        bounds = pairwise(accumulate(map(len, fields), initial=0))
        names = [[field.attname for field in some] for some in fields]
        return list(zip(["", *self._joined], models, names, bounds, strict=True))

    def _compile(self, value: Any) -> str:
        columns = [
            f"{path}{LOOKUP_SEP}{name}" if path else name
            for path, _, names, _ in self._parts
            for name in names
        ]
        rows = self._model._default_manager.filter(**{self._by: value}).order_by()
        sql, params = rows.values_list(*columns).query.sql_with_params()
        if len(params) != 1:
            raise TypeError(f"{self._by} is not all that is asked: {sql}")
        return sql

    def _at(self, path: str) -> type[Model]:
        field: Any = None
        model: type[Model] = self._model
        for name in path.split(LOOKUP_SEP):
            field = model._meta.get_field(name)
            model = field.related_model
        return model
