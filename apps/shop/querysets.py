"""Questions about the shop's calendar."""

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from apps.shop.models import (  # noqa: F401 - named in strings
        Holiday,
        Shift,
    )


class ShiftQuerySet(models.QuerySet["Shift"]):
    """Questions about shifts."""

    def search(self, term: str) -> Self:
        """Shifts whose name holds the term. A shop has a handful."""
        return self.filter(name__icontains=term)


class HolidayQuerySet(models.QuerySet["Holiday"]):
    """Questions about holidays."""

    def search(self, term: str) -> Self:
        """Holidays whose name holds the term. A shop has a few a year."""
        return self.filter(name__icontains=term)
