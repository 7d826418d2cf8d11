"""What may stand in a query or a head: the list's declarations, and the conventions."""

from collections.abc import Iterator
from typing import Any

from apps.api.asking import Argument
from apps.api.filters import VALUES_AT_MOST, Parameter
from apps.api.listing import COUNTS, LIMIT, LIMIT_AT_MOST, TERM_AT_MOST, Listing

Schema = dict[str, Any]


def _query(name: str, schema: Schema, words: str, **more: Any) -> Schema:
    return {"in": "query", "name": name, "description": words, "schema": schema, **more}


def _header(name: str, schema: Schema, words: str, **more: Any) -> Schema:
    return {"in": "header", "name": name, "description": words, "schema": schema, **more}


# Those that are the same everywhere, by the names of their components.
SHARED: dict[str, Schema] = {
    "Limit": _query(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": LIMIT_AT_MOST, "default": LIMIT},
        "How many records a page has at most.",
    ),
    "Cursor": _query(
        "cursor",
        {"type": "string", "minLength": 1},
        "Which page: from `next` or `previous` of an answer to the same query.",
    ),
    "Count": _query(
        "count",
        {"type": "string", "enum": [*COUNTS]},
        "Count what matches: exactly, or as far as that is cheap. Nothing is counted without it.",
    ),
    "Search": _query(
        "search",
        {"type": "string", "minLength": 1, "maxLength": TERM_AT_MOST, "pattern": r"\S"},
        "Words that the record holds.",
    ),
    "RequestId": _header(
        "X-Request-ID",
        {"type": "string", "pattern": "^[A-Za-z0-9._-]{8,64}$"},
        "An id of yours for the request; it is told again, and stands in the log.",
    ),
    "IfNoneMatch": _header(
        "If-None-Match",
        {"type": "string"},
        "The ETag that you have: 304 and nothing else, where that is what there still is.",
    ),
    "IfMatch": _header(
        "If-Match",
        {"type": "string", "minLength": 1},
        "The ETag of the record as you have seen it; `*` for whatever it is by now.",
        required=True,
    ),
    "IfMatchWhereKnown": _header(
        "If-Match",
        {"type": "string", "minLength": 1},
        "The ETag of the record as you have seen it: 412 if it is another by now.",
    ),
    "IdempotencyKey": _header(
        "Idempotency-Key",
        {"type": "string", "pattern": r"^[\x20-\x7e]{1,255}$"},
        "Any text of yours, new for each deed. Sent again within 24 hours with the same body, it"
        " is answered as before and done no second time.",
    ),
}


def fields(listing: Listing) -> Schema:
    """Return the parameter that narrows what is told of a record."""
    names = {"type": "string", "enum": [*listing.shape.names]}
    return _query(
        "fields",
        {"type": "array", "items": names, "minItems": 1},
        "Tell these names only, separated by commas.",
        style="form",
        explode=False,
    )


def of_argument(argument: Argument) -> Schema:
    """Return a parameter of an address that is no list."""
    more = {"required": True} if argument.required else {}
    return _query(argument.name, dict(argument.schema), argument.help_text, **more)


def of_list(listing: Listing) -> Iterator[Schema]:
    """Yield the parameters that are the list's own."""
    yield _query(
        "ordering",
        {"type": "string", "enum": [*listing.orders], "default": listing.usual},
        "The order of the list; with `-` the other way round. Narrowed to a range of a column, the"
        " list is in that column's order and no other." + _offered(listing),
    )
    yield fields(listing)
    yield from map(_filter, listing.parameters.values())


def _offered(listing: Listing) -> str:
    offers = ((each.offers, each.name) for each in listing.parameters.values() if each.offers)
    return "".join(
        f" By `{order}` only, and then usually, with `{name}`." for order, name in offers
    )


def _filter(parameter: Parameter) -> Schema:
    schema = dict(parameter.schema)
    if not parameter.many:
        return _query(parameter.name, schema, parameter.help_text)
    many = {"type": "array", "items": schema, "maxItems": VALUES_AT_MOST}
    return _query(parameter.name, many, parameter.help_text, style="form", explode=True)
