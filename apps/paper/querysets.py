"""Questions about printouts and the copies in them."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Max

from apps.jobs.querysets import number_pattern
from apps.paper.states import UNFINISHED

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.paper.models import Printout, TravellerCopy  # noqa: F401 - named in strings


class PrintoutQuerySet(models.QuerySet["Printout"]):
    """Questions about printouts."""

    def visible_to(self, user: "User") -> Self:
        """One's own: a file holds what its orderer may see.

        Uses index: idx_printouts_ordered_by.
        """
        return self.filter(ordered_by=user)

    def search(self, term: str) -> Self:
        """Printouts with a copy of a job number."""
        number = number_pattern(term) or term.upper()
        return self.filter(copies__job__number=number)

    def stuck(self, before: datetime) -> Self:
        """Unfinished, and without a sign of life since. Uses index: idx_printouts_unfinished."""
        return self.filter(status__in=UNFINISHED, alive_at__lt=before)

    def with_file_from(self, before: datetime) -> Self:
        """Whose files are older: one made at a later try is not as old as its order.

        Uses index: idx_printouts_with_file.
        """
        return self.exclude(file="").filter(created_at__lt=before, finished_at__lt=before)

    def locked(self) -> Self:
        """Lock the printouts until commit, in primary-key order."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class TravellerCopyQuerySet(models.QuerySet["TravellerCopy"]):
    """Questions about copies."""

    def search(self, term: str) -> Self:
        """Copies of a job number. Uses index: traveller_copies_number_uniq."""
        return self.filter(job__number=number_pattern(term) or term.upper())

    def last_numbers(self, job_ids: Iterable[int]) -> dict[int, int]:
        """Return each job's last copy's number; no entry for a job never printed.

        Uses index: traveller_copies_number_uniq. Queries: 1.
        """
        rows = self.filter(job__in=job_ids).order_by().values_list("job_id")
        return dict(rows.annotate(last=Max("number")))
