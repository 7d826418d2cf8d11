"""Questions about processes."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from apps.processes.models import Process  # noqa: F401 - named in a string


class ProcessQuerySet(models.QuerySet["Process"]):
    """Questions about processes."""

    def active(self) -> Self:
        """Processes still in use."""
        return self.filter(is_active=True)

    def search(self, term: str) -> Self:
        """Processes whose code or name holds the term. A shop has dozens."""
        return self.filter(Q(code__icontains=term) | Q(name__icontains=term))
