"""What a step produced, and adding it to the step and a log."""

from dataclasses import dataclass

from apps.core.errors import Invalid
from apps.jobs.errors import OverQuantity, ScrapWithoutReason
from apps.jobs.models import MOST, JobStep, WorkLog
from apps.jobs.services.floor import named
from apps.machines.errors import WrongReason
from apps.machines.models import Reason
from apps.machines.states import ReasonKind


@dataclass(frozen=True, slots=True)
class Report:
    """Pieces to add: good, scrapped (why) and sent to rework. ``allow_over`` goes past the plan."""

    good: int = 0
    scrap: int = 0
    rework: int = 0
    scrap_reason: Reason | None = None
    allow_over: bool = False

    @property
    def total(self) -> int:
        """All pieces, whatever became of them."""
        return self.good + self.scrap + self.rework

    def check(self, step: JobStep) -> None:
        """Refuse what cannot be, or was not planned.

        Raises: Invalid, ScrapWithoutReason, WrongReason, OverQuantity.
        """
        for name in ("good", "scrap", "rework"):
            field, pieces = f"quantity_{name}", getattr(self, name)
            if pieces < 0 or getattr(step, field) + pieces > MOST:
                raise Invalid(f"A quantity lies between 0 and {MOST:,}.", field=field)
        require_scrap_reason(self.scrap, self.scrap_reason)
        if self.total and not self.allow_over:
            self._check_plan(step)

    def _check_plan(self, step: JobStep) -> None:
        reported, planned = step.quantity_reported, step.quantity_planned
        if reported + self.total > planned:
            raise OverQuantity(
                f"{named(step)} has {planned} planned and {reported} reported; "
                f"{self.total} more would be {reported + self.total - planned} over.",
                planned=planned,
                reported=reported,
                given=self.total,
            )

    def add_to(self, row: JobStep | WorkLog, sign: int = 1) -> None:
        """Add the pieces to a step or a log; ``sign`` -1 takes them back."""
        row.quantity_good += sign * self.good
        row.quantity_scrap += sign * self.scrap
        row.quantity_rework += sign * self.rework


def require_scrap_reason(scrap: int, reason: Reason | None) -> None:
    """Refuse scrap without a reason of the right kind.

    Raises: ScrapWithoutReason, WrongReason.
    """
    if scrap and reason is None:
        raise ScrapWithoutReason("Say why it was scrapped.", field="scrap_reason")
    if reason and (reason.kind != ReasonKind.SCRAP or not reason.is_active):
        raise WrongReason(f"“{reason}” is not a reason for scrap.", field="scrap_reason")
