"""A record as programs see it: declared once as a serializer, read as values in one query.

The declaration is what the schema shows. No serializer runs when a list is answered: instances
and nested serializers cost more than the query.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db.models import Choices
from django.db.models.constants import LOOKUP_SEP
from rest_framework import serializers

ID, VERSION = "id", "version"


class Ref(serializers.Serializer[Any]):
    """A related record: its key, and what people call it.

    ``paths`` says where a label is read when it is not the column of its own name. Where no
    foreign key leads there, ``key`` is the column of the key, and paths start at the row.
    """

    id = serializers.IntegerField()

    def __init__(
        self, *, paths: Mapping[str, str] | None = None, key: str = "", **options: Any
    ) -> None:
        super().__init__(read_only=True, **options)
        self.paths, self.key = paths or {}, key

    def column(self, path: str) -> "Column":
        """Return where it is read, of a field that is read at ``path``."""
        labels = [str(label) for label in self.fields if str(label) != ID]
        start = "" if self.key else f"{path}{LOOKUP_SEP}"
        paths = [f"{start}{self.paths.get(label, label)}" for label in labels]
        return Column(self.key or f"{path}_id", tuple(zip(labels, paths, strict=True)))


class Named(Ref):
    """A related record with its name."""

    name = serializers.CharField()


class Numbered(Ref):
    """A related record with its number."""

    number = serializers.CharField()


class Coded(Named):
    """A related record with its code and its name."""

    code = serializers.CharField()


def person(**options: Any) -> Named:
    """Return a related user, called by the full name."""
    return Named(paths={"name": "full_name"}, **options)


class Made(serializers.Field[Any, Any, Any, Any]):
    """A value made of a column. ``make`` gets what the column holds, never null."""

    def __init__(
        self, shown: serializers.Field, make: Callable[[Any], Any], **options: Any
    ) -> None:
        super().__init__(read_only=True, **options)
        self.shown, self.make = shown, make

    def to_representation(self, value: Any) -> Any:
        """Return what is shown."""
        return self.make(value)


class Word(serializers.ChoiceField):
    """A choice that the database keeps as a number, as its lower-cased word."""

    def __init__(self, choices: type[Choices], **options: Any) -> None:
        self.words = {member.value: member.name.lower() for member in choices}
        self.values = {word: value for value, word in self.words.items()}
        super().__init__(choices=[(word, word) for word in self.values], **options)

    def to_internal_value(self, data: Any) -> Any:
        """Return the number that a word stands for. Raises: ValidationError."""
        return self.values[super().to_internal_value(data)]

    def to_representation(self, value: Any) -> Any:
        """Return the word for a number."""
        return self.words.get(value, value)

    def make(self, value: Any) -> Any:
        """Return the word for a number."""
        return self.words[value]


class Row(serializers.ModelSerializer[Any]):
    """A record as programs see it: only columns, related labels (``Ref``) and ``Made`` values.

    Which names exist, and in which order they are told, is ``Meta.fields``; which of them not
    everyone is told, ``Meta.withheld``.
    """

    @classmethod
    def shape(cls) -> "Shape":
        """Return how such a row is read."""
        return _shape(cls)


@dataclass(frozen=True, slots=True)
class Column:
    """Where one name of a row is read: a path, or a reference's key and its labels."""

    path: str
    labels: tuple[tuple[str, str], ...] = ()
    make: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """How a row is read by ``values_list(*paths)``, and told by ``build``."""

    columns: Mapping[str, Column]
    paths: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    _refs: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = ()
    _made: tuple[tuple[str, Callable[[Any], Any]], ...] = ()
    _places: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, columns: Mapping[str, Column], extra: Sequence[str] = ()) -> "Shape":
        """Return the shape of the columns, reading some paths besides that are not told."""
        paths = [column.path for column in columns.values()]
        refs = []
        for name, column in columns.items():
            if column.labels:
                places = range(len(paths), len(paths) + len(column.labels))
                labels = (label for label, _ in column.labels)
                refs.append((name, tuple(zip(labels, places, strict=True))))
                paths += [path for _, path in column.labels]
        # A list of values knows each path once.
        paths += [path for path in extra if path not in paths]
        return cls(
            columns,
            tuple(paths),
            tuple(columns),
            tuple(refs),
            tuple((name, column.make) for name, column in columns.items() if column.make),
            {path: place for place, path in enumerate(paths)},
        )

    def only(self, names: Iterable[str] | None, extra: Sequence[str] = ()) -> "Shape":
        """Return the shape of some of the names (None: all), with paths read besides."""
        kept = self.columns
        if names is not None:
            wanted = set(names)
            kept = {name: column for name, column in self.columns.items() if name in wanted}
        return Shape.of(kept, extra)

    def place(self, path: str) -> int:
        """Return where a path stands in the values of a row."""
        return self._places[path]

    def build(self, values: Sequence[Any]) -> dict[str, Any]:
        """Return the row as it is told, names in the declared order."""
        told = dict(zip(self.names, values, strict=False))
        for name, labels in self._refs:
            key = told[name]
            if key is not None:
                told[name] = ref = {ID: key}
                for label, place in labels:
                    ref[label] = values[place]
        for name, make in self._made:
            if told[name] is not None:
                told[name] = make(told[name])
        return told


@cache
def _shape(row: type[Row]) -> Shape:
    return Shape.of(dict(_columns(row())))


def _columns(row: Row) -> Iterator[tuple[str, Column]]:
    for name, declared in row.fields.items():
        path = (declared.source or name).replace(".", LOOKUP_SEP)
        if isinstance(declared, Ref):
            yield name, declared.column(path)
        else:
            yield name, Column(path, make=getattr(declared, "make", None))
