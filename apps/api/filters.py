"""What a list may be narrowed by: declared per list, each with an index behind it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Choices, Q, QuerySet
from django.utils.dateparse import parse_date, parse_datetime

Rows = QuerySet[Any, Any]

# More in one question is a join that the caller should make itself.
VALUES_AT_MOST = 100
BIGGEST_KEY = 2**63 - 1
KEY: Mapping[str, Any] = {"type": "integer", "minimum": 1, "maximum": BIGGEST_KEY}
TRUTH = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One name in a query: how it is read, what it does to the rows, how the schema tells it.

    ``read`` raises ValueError with words for who sent it. ``many`` may be given several times:
    any of the values matches. ``along`` is the column of which it leaves a range. ``offers`` is
    an order that a list has only with it, and then usually.
    """

    name: str
    read: Callable[[str], Any]
    narrow: Callable[[Rows, list[Any]], Rows]
    schema: Mapping[str, Any]
    help_text: str
    many: bool = False
    along: str = ""
    offers: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """A declared filter: gives its parameters once it is told its name."""

    parameters: Callable[[str], Iterator[Parameter]]


def choice(choices: type[Choices], path: str = "") -> Filter:
    """Narrow to rows whose column is one of the given words."""
    words = {str(value): value for value in choices.values}
    return _any_of(path, lambda text: _among(words, text), {"type": "string", "enum": [*words]})


def word(choices: type[Choices], path: str = "") -> Filter:
    """Narrow to rows whose number stands for one of the given words."""
    words = {member.name.lower(): member.value for member in choices}
    return _any_of(path, lambda text: _among(words, text), {"type": "string", "enum": [*words]})


def text(path: str = "", *, most: int = 200) -> Filter:
    """Narrow to rows whose column is exactly one of the given texts."""

    def read(value: str) -> str:
        if len(value) > most:
            raise ValueError(f"Give at most {most} characters.")
        return value

    return _any_of(path, read, {"type": "string", "maxLength": most})


def reference(path: str = "", *, nullable: bool = False, offers: str = "") -> Filter:
    """Narrow to rows that refer to one of the given records; ``__isnull`` to those without."""
    keys = _any_of(path, read_key, KEY, offers=offers)

    def parameters(name: str) -> Iterator[Parameter]:
        yield from keys.parameters(name)
        if nullable:
            yield from _lookup(name, path or name, "isnull", _truth, {"type": "boolean"})

    return Filter(parameters)


def number(path: str = "") -> Filter:
    """Narrow to rows with one of the given whole numbers."""
    return _any_of(path, read_key, {"type": "integer", "minimum": 1, "maximum": BIGGEST_KEY})


def flag(path: str = "") -> Filter:
    """Narrow by a column that is true or false."""

    def parameters(name: str) -> Iterator[Parameter]:
        yield from _lookup(name, path or name, "", _truth, {"type": "boolean"})

    return Filter(parameters)


def asked(question: Callable[[Rows], Rows], help_text: str) -> Filter:
    """Narrow to rows for which a question of the model's answers yes."""

    def read(value: str) -> bool:
        if value != "true":
            raise ValueError("Say true, or leave it out.")
        return True

    def parameters(name: str) -> Iterator[Parameter]:
        schema = {"type": "boolean", "enum": [True]}
        yield Parameter(name, read, lambda rows, _: question(rows), schema, help_text)

    return Filter(parameters)


def among(question: Callable[[Rows, list[Any]], Rows], help_text: str) -> Filter:
    """Narrow to rows of which a question of the model's about some records is true."""

    def parameters(name: str) -> Iterator[Parameter]:
        yield Parameter(name, read_key, question, KEY, help_text, many=True)

    return Filter(parameters)


def day(path: str = "", *, nullable: bool = False) -> Filter:
    """Narrow to a day, or before and after one."""
    return _ranged(
        path, _day, {"type": "string", "format": "date"}, nullable=nullable, lookups=RANGE
    )


def instant(
    path: str = "", *, nullable: bool = False, lookups: Iterable[str] | None = None
) -> Filter:
    """Narrow to what was before or after an instant (with its offset; UTC without)."""
    schema = {"type": "string", "format": "date-time"}
    return _ranged(path, _instant, schema, nullable=nullable, lookups=lookups or RANGE)


def read_key(value: str) -> int:
    """Return a key. Raises: ValueError."""
    if not (value.isascii() and value.isdigit() and 0 < int(value[:20]) <= BIGGEST_KEY):
        raise ValueError("Give the id of a record: a whole number.")
    return int(value)


def _any_of(
    path: str, read: Callable[[str], Any], schema: Mapping[str, Any], *, offers: str = ""
) -> Filter:
    def parameters(name: str) -> Iterator[Parameter]:
        column = path or name

        def narrow(rows: Rows, values: list[Any]) -> Rows:
            if len(values) == 1:
                return rows.filter(**{column: values[0]})
            return rows.filter(**{f"{column}__in": values})

        help_text = "Several times: any of them."
        yield Parameter(name, read, narrow, schema, help_text, many=True, offers=offers)

    return Filter(parameters)


RANGE = {
    "": "Exactly then.",
    "lt": "Before.",
    "lte": "Then or before.",
    "gt": "After.",
    "gte": "Then or after.",
}


def _ranged(
    path: str,
    read: Callable[[str], Any],
    schema: Mapping[str, Any],
    *,
    nullable: bool,
    lookups: Iterable[str],
) -> Filter:
    def parameters(name: str) -> Iterator[Parameter]:
        for lookup in lookups:
            yield from _lookup(name, path or name, lookup, read, schema)
        if nullable:
            yield from _lookup(name, path or name, "isnull", _truth, {"type": "boolean"})

    return Filter(parameters)


def _lookup(
    name: str, column: str, lookup: str, read: Callable[[str], Any], schema: Mapping[str, Any]
) -> Iterator[Parameter]:
    ending = f"__{lookup}" if lookup else ""
    said = {"isnull": "Without one (true), or with one (false)."} | RANGE
    help_text = said[lookup] if schema.get("type") != "boolean" or lookup else "Yes or no."
    yield Parameter(
        f"{name}{ending}",
        read,
        lambda rows, values: rows.filter(Q(**{f"{column}{ending}": values[0]})),
        schema,
        help_text,
        along=column if lookup and lookup in RANGE else "",
    )


def _among(words: Mapping[str, Any], value: str) -> Any:
    if value not in words:
        raise ValueError(f"Choose one of: {', '.join(words)}.")
    return words[value]


def _truth(value: str) -> bool:
    if value not in TRUTH:
        raise ValueError("Say true or false.")
    return TRUTH[value]


def _day(value: str) -> date:
    try:
        found = parse_date(value)
    except ValueError:
        found = None
    if found is None:
        raise ValueError("Give a day as in 2026-03-31.")
    return found


def _instant(value: str) -> datetime:
    # A plus sign that was not encoded arrives as a blank.
    try:
        found = parse_datetime(value.replace(" ", "+")) or parse_datetime(value)
        if found is not None:
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError("Give an instant as in 2026-03-31T08:00:00Z.")


def parameters_of(filters: Mapping[str, Filter]) -> dict[str, Parameter]:
    """Return every parameter of some declared filters, by its name."""
    return {each.name: each for name, one in filters.items() for each in one.parameters(name)}


def names_of(parameters: Mapping[str, Parameter], besides: Sequence[str]) -> str:
    """Return what may be asked, for who asked something else."""
    return ", ".join([*besides, *parameters])
