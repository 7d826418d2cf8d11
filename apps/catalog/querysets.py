"""Questions about parts."""

from typing import TYPE_CHECKING, Self

from django.db import models

from apps.core.search import matching

if TYPE_CHECKING:
    from apps.catalog.models import Part  # noqa: F401 - named in a string


class PartQuerySet(models.QuerySet["Part"]):
    """Questions about parts."""

    def active(self) -> Self:
        """Parts still made."""
        return self.filter(is_active=True)

    def search(self, term: str) -> Self:
        """Parts whose number or name holds every word.

        Uses index: idx_parts_search, or idx_parts_search_prefix under three letters.
        """
        return matching(self, term)
