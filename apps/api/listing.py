"""What a list was asked for: filters, search, order, page, fields; anything else is refused."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson
from django.db.models import Model, QuerySet
from django.http import QueryDict

from apps.api.fetching import Fetch, Values, are_all
from apps.api.filters import VALUES_AT_MOST, Filter, Parameter, parameters_of
from apps.api.problems import BadParameters
from apps.api.rows import Shape
from apps.core.paging import COUNT_AT_MOST, Order, Page, Query, count_rows, each_row, get_page

LIMIT, LIMIT_AT_MOST = 50, 200
TERM_AT_MOST = 100
# A search answers with so many of the records that match: more are no answer to a question.
FOUND_AT_MOST = 200
CHUNK = 500
COUNTS = ("exact", "estimated")
PAGING = ("limit", "cursor", "count")
OF_EVERY_LIST = (*PAGING, "ordering", "fields")


# Reads paths of chosen rows, in their order.
Reads = Callable[[QuerySet[Any, Any], Sequence[str]], list[Values]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, read."""

    ordering: str
    narrowed: tuple[tuple[Parameter, list[Any]], ...] = ()
    term: str = ""
    fields: tuple[str, ...] | None = None
    limit: int = LIMIT
    cursor: str | None = None
    count: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that programs may ask: what it tells, its filters, its orders (the first is usual).

    ``source`` has what is told besides columns (annotations), and chooses nothing.
    ``orderings`` maps a name to the columns it orders by; each way has an index. Narrowed to a
    range of a column the list is in that column's order and no other: read in another, all the
    rows that the range leaves out would be looked at before the first that it holds.
    """

    source: QuerySet[Any, Any]
    shape: Shape
    orderings: Mapping[str, Sequence[str]]
    filters: Mapping[str, Filter] = field(default_factory=dict)
    searched: bool = False
    usual: str = ""
    reads: Reads | None = None
    fetch: Reads = field(init=False)
    parameters: Mapping[str, Parameter] = field(init=False)
    orders: Mapping[str, Order] = field(init=False)
    shapes: Mapping[str, Shape] = field(init=False)

    def __post_init__(self) -> None:
        """Work out once what no request need work out again."""
        object.__setattr__(self, "fetch", self.reads or Fetch(self.source))
        object.__setattr__(self, "parameters", parameters_of(self.filters))
        ranges = {each.along: (each.along,) for each in self.parameters.values() if each.along}
        orders = dict(_orders(self.source.model, {**ranges, **self.orderings}))
        object.__setattr__(self, "orders", orders)
        shapes = {name: self.shape.only(None, _keys(order)) for name, order in self.orders.items()}
        object.__setattr__(self, "shapes", shapes)
        object.__setattr__(self, "usual", self.usual or f"-{next(iter(self.orderings))}")

    @property
    def names(self) -> tuple[str, ...]:
        """Return every parameter there is."""
        return (*OF_EVERY_LIST, *(["search"] if self.searched else ()), *self.parameters)

    def read(self, query: QueryDict, *, paged: bool = True) -> Asked:
        """Return what a query asks. Raises: BadParameters, naming all that is wrong."""
        if not query:
            return Asked(self.usual, name=self._name(self.usual, (), ""))
        faults: dict[str, str] = {}
        unknown = [name for name in query if name not in self.names]
        if unknown:
            known = f"There are: {', '.join(sorted(self.names))}."
            said = f"There is no such parameter. {known}"
            raise BadParameters(dict.fromkeys(unknown, said), "unknown")
        reader = _Reader(query, faults)
        if not paged:
            reader.refuse(PAGING, "A stream is not paged.")
        term = reader.one("search", read_term) or ""
        narrowed = tuple(reader.narrowed(self.parameters))
        names, usual = self._orderings(narrowed)
        ordering = reader.one("ordering", partial(_read_ordering, names)) or usual
        asked = Asked(
            ordering,
            narrowed,
            term,
            reader.one("fields", self._read_fields),
            reader.one("limit", _limit) or LIMIT,
            reader.one("cursor", str),
            reader.one("count", _count) or "",
            self._name(ordering, narrowed, term),
        )
        if faults:
            raise BadParameters(faults)
        return asked

    def read_fields(self, query: QueryDict) -> tuple[str, ...] | None:
        """Return the fields that are asked of one record. Raises: BadParameters."""
        faults: dict[str, str] = {}
        unknown = [name for name in query if name != "fields"]
        if unknown:
            said = "There is no such parameter. There is: fields."
            raise BadParameters(dict.fromkeys(unknown, said), "unknown")
        fields: tuple[str, ...] | None = _Reader(query, faults).one("fields", self._read_fields)
        if faults:
            raise BadParameters(faults)
        return fields

    def rows(self, rows: QuerySet[Any, Any], asked: Asked) -> QuerySet[Any, Any]:
        """Return the rows that are asked for, of those that may be seen."""
        for parameter, values in asked.narrowed:
            rows = parameter.narrow(rows, values)
        return found(rows, asked.term) if asked.term else rows

    def page(self, rows: QuerySet[Any, Any], asked: Asked) -> tuple[Page[Values], Shape]:
        """Return the page that is asked for, as values, and how they are told."""
        query, shape = self._query(self.rows(rows, asked), asked)
        return get_page(query, limit=asked.limit, cursor=asked.cursor), shape

    def chunks(
        self, rows: QuerySet[Any, Any], asked: Asked, between: Callable[[], None]
    ) -> Iterator[Iterable[Mapping[str, Any]]]:
        """Yield everything that is asked for, a chunk at a time; call ``between`` after each."""
        query, shape = self._query(self.rows(rows, asked), asked)
        for chunk in each_row(query, chunk=CHUNK):
            between()
            yield map(shape.build, chunk)

    def _query(self, rows: QuerySet[Any, Any], asked: Asked) -> tuple[Query[Values], Shape]:
        order = self.orders[asked.ordering]
        keys = _keys(order)
        shape = self.shapes[asked.ordering]
        if asked.fields is not None:
            shape = self.shape.only(asked.fields, keys)
        places = [shape.place(key) for key in keys]
        query: Query[Values] = Query(
            rows,
            order,
            asked.name,
            read=lambda row: [row[place] for place in places],
            fetch=lambda chosen: self.fetch(chosen, shape.paths),
            beyond=self._beyond(rows, shape.paths),
        )
        return query, shape

    def _beyond(
        self, rows: QuerySet[Any, Any], paths: Sequence[str]
    ) -> Callable[[Order, Sequence[Any], int], list[Values]] | None:
        if isinstance(self.fetch, Fetch) and are_all(rows):
            return partial(self.fetch.after, paths=paths)
        return None

    def _name(self, ordering: str, narrowed: Sequence[tuple[Parameter, Any]], term: str) -> str:
        told = [f"{parameter.name}={values}" for parameter, values in narrowed]
        return "|".join([self.source.model._meta.label, ordering, *told, term])

    def _orderings(self, narrowed: Sequence[tuple[Parameter, Any]]) -> tuple[Sequence[str], str]:
        """Return the names of the orders that a narrowed list may have, and the usual one."""
        ranges = {parameter.along for parameter, _ in narrowed if parameter.along}
        if not ranges:
            offered = {each.offers for each in self.parameters.values()}
            given = {parameter.offers for parameter, _ in narrowed if parameter.offers}
            names = [name for name in self.orderings if name not in offered or name in given]
            return names, min(given, default=self.usual)
        if len(ranges) > 1:
            said = f"Narrow by a range of one of these alone: {', '.join(sorted(ranges))}."
            named = (parameter.name for parameter, _ in narrowed if parameter.along)
            raise BadParameters(dict.fromkeys(named, said))
        return [*ranges], f"-{min(ranges)}"

    def _read_fields(self, text: str) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(text.split(",")))
        unknown = [name for name in names if name not in self.shape.columns]
        if unknown:
            raise ValueError(f"Choose among {', '.join(self.shape.columns)}.")
        return names


def found(rows: QuerySet[Any, Any], term: str) -> QuerySet[Any, Any]:
    """Return the rows that a term finds, FOUND_AT_MOST of them.

    Bounded before they are sorted; ordered by nothing until then, so that the index stays cheap.
    """
    candidates = rows.search(term)  # type: ignore[attr-defined]  # each of ours has it
    return rows.filter(pk__in=candidates.order_by().values("pk")[:FOUND_AT_MOST])


def count(rows: QuerySet[Any, Any], how: str) -> int:
    """Return how many rows there are: exactly, or as the planner reckons beyond a bound.

    Queries: 1 (exact), at most 3.
    """
    if how == "exact":
        return rows.order_by().count()
    number, is_exact = count_rows(rows)
    if is_exact or number != COUNT_AT_MOST:
        return number
    plan = rows.order_by().values("pk").explain(format="json")
    return max(number, _rows_in(plan))


def _keys(order: Order) -> list[str]:
    return [key.path for key in order.keys]


def _rows_in(plan: str) -> int:
    return int(orjson.loads(plan)[0]["Plan"]["Plan Rows"])


def _orders(
    model: type[Model], orderings: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, Order]]:
    for name, columns in orderings.items():
        order = Order.of(model, columns)
        yield name, order
        yield f"-{name}", order.reversed()


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads parameters, collecting what is wrong with each."""

    query: QueryDict
    faults: dict[str, str]

    def one(self, name: str, read: Callable[[str], Any]) -> Any:
        if name not in self.query:
            return None
        values = self.query.getlist(name)
        if len(values) > 1:
            self.faults[name] = "Give it once."
            return None
        return self._read(name, values[0], read)

    def narrowed(
        self, parameters: Mapping[str, Parameter]
    ) -> Iterator[tuple[Parameter, list[Any]]]:
        for name in sorted(self.query):
            if name in parameters:
                parameter = parameters[name]
                texts = self.query.getlist(name)
                if len(texts) > (VALUES_AT_MOST if parameter.many else 1):
                    most = f"at most {VALUES_AT_MOST} times" if parameter.many else "once"
                    self.faults[name] = f"Give it {most}."
                    continue
                yield parameter, [self._read(name, text, parameter.read) for text in texts]

    def refuse(self, names: Iterable[str], why: str) -> None:
        self.faults.update({name: why for name in names if name in self.query})

    def _read(self, name: str, text: str, read: Callable[[str], Any]) -> Any:
        try:
            return read(text)
        except ValueError as error:
            self.faults[name] = str(error)
            return None


def read_term(text: str) -> str:
    """Return what is searched for. Raises: ValueError."""
    term = text.strip()
    if not 0 < len(term) <= TERM_AT_MOST:
        raise ValueError(f"Give 1 to {TERM_AT_MOST} characters.")
    return term


def _read_ordering(names: Sequence[str], text: str) -> str:
    if text.removeprefix("-") not in names:
        told = f"one of {', '.join(names)}" if len(names) > 1 else f"{names[0]}, as its range is"
        raise ValueError(f"Choose {told}; with - before it, the other way round.")
    return text


def _limit(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text[:9]) <= LIMIT_AT_MOST:
        return int(text)
    raise ValueError(f"Give a number from 1 to {LIMIT_AT_MOST}.")


def _count(text: str) -> str:
    if text not in COUNTS:
        raise ValueError(f"Choose one of {', '.join(COUNTS)}.")
    return text
