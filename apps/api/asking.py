"""What may stand in the query of an address that is no list; anything else is refused."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from apps.api.problems import UNKNOWN, BadParameters


@dataclass(frozen=True, slots=True)
class Argument:
    """One name in a query. ``read`` raises ValueError with words for who sent it."""

    name: str
    read: Callable[[str], Any]
    schema: Mapping[str, Any]
    help_text: str
    required: bool = False


def read_arguments(query: QueryDict, arguments: Sequence[Argument]) -> dict[str, Any]:
    """Return what a query says, by name; what is left out is absent.

    Raises: BadParameters, naming all that is wrong.
    """
    names = [each.name for each in arguments]
    unknown = [name for name in query if name not in names]
    if unknown:
        known = f"There are: {', '.join(names)}." if names else "There are none."
        raise BadParameters(dict.fromkeys(unknown, f"There is no such parameter. {known}"), UNKNOWN)
    said: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for each in arguments:
        try:
            if (text := _only(query.getlist(each.name), required=each.required)) is not None:
                said[each.name] = each.read(text)
        except ValueError as error:
            faults[each.name] = str(error)
    if faults:
        raise BadParameters(faults)
    return said


def _only(values: Sequence[str], *, required: bool) -> str | None:
    if len(values) > 1 or (required and not values):
        raise ValueError("Give it once.")
    return values[0] if values else None
