"""Questions about parts."""

from typing import TYPE_CHECKING, Self

from django.db import models

from apps.core.search import TextSearch

if TYPE_CHECKING:
    from apps.catalog.models import Part  # noqa: F401 - named in a string


class PartQuerySet(TextSearch, models.QuerySet["Part"]):
    """Questions about parts."""

    def active(self) -> Self:
        """Parts still made."""
        return self.filter(is_active=True)
