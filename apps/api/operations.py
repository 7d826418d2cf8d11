"""What an endpoint takes and tells: said beside it, shown by the schema."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from rest_framework.serializers import BaseSerializer

from apps.api.asking import Argument

F = TypeVar("F", bound=Callable[..., Any])
Serializer = type[BaseSerializer[Any]] | BaseSerializer[Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address.

    ``takes`` is the body, ``tells`` the answer's (None: no body). ``refusals`` are the statuses
    besides those that any such request may meet; ``tells_file`` says that bytes are told.
    ``asks`` is what the query may say, where the address is no list.
    """

    takes: Serializer | None = None
    tells: Serializer | None = None
    status: int = 200
    refusals: Sequence[int] = ()
    tells_file: bool = False
    asks: Sequence[Argument] = ()


def operation(
    *,
    takes: Serializer | None = None,
    tells: Serializer | None = None,
    status: int = 200,
    refusals: Sequence[int] = (),
    tells_file: bool = False,
    asks: Sequence[Argument] = (),
) -> Callable[[F], F]:
    """Say what a handler takes and tells."""
    said = Operation(takes, tells, status, refusals, tells_file=tells_file, asks=asks)

    def mark(handler: F) -> F:
        handler.operation = said  # type: ignore[attr-defined]  # a mark on a function
        return handler

    return mark


def operation_of(handler: Callable[..., Any]) -> Operation | None:
    """Return what was said of a handler."""
    return getattr(handler, "operation", None)
