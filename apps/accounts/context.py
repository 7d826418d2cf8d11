"""What every page may want to know of the device that it is shown on."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from apps.accounts.terminals import terminal_of


def terminal(request: HttpRequest) -> dict[str, Any]:
    """Return the shared terminal that shows the page, found when it is asked for."""
    return {"terminal": SimpleLazyObject(lambda: terminal_of(request))}
