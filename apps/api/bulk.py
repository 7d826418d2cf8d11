"""Many records in one request: all or none, and each fault says at which it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from apps.api.items import Item, Items
from apps.core.bulk import AT_MOST
from apps.core.errors import DomainError


def many(item: type[Item]) -> Any:
    """Return a field that holds up to AT_MOST items, whose references are found together."""
    return Items(child=item(), allow_empty=False, max_length=AT_MOST)


@contextmanager
def pointing_into(name: str) -> Iterator[None]:
    """Have a refusal of one of many point at it in the body."""
    try:
        yield
    except DomainError as refusal:
        index = refusal.details.get("index")
        if index is not None:
            refusal.field = f"#/{name}/{index}" + (f"/{refusal.field}" if refusal.field else "")
        raise
