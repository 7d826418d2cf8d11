"""What a step produced, and adding it to the step and a log."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

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
                words = _("A quantity lies between 0 and %(most)s.") % {"most": f"{MOST:,}"}
                raise Invalid(words, field=field)
        require_scrap_reason(self.scrap, self.scrap_reason)
        if self.total and not self.allow_over:
            self._check_plan(step)

    def _check_plan(self, step: JobStep) -> None:
        reported, planned = step.quantity_reported, step.quantity_planned
        if reported + self.total > planned:
            words = _(
                "%(step)s has %(planned)s planned and %(reported)s reported; "
                "%(given)s more would be %(over)s over."
            )
            places = {
                "step": named(step),
                "planned": planned,
                "reported": reported,
                "given": self.total,
                "over": reported + self.total - planned,
            }
            raise OverQuantity(
                words % places,
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
        raise ScrapWithoutReason(_("Say why it was scrapped."), field="scrap_reason")
    if reason and (reason.kind != ReasonKind.SCRAP or not reason.is_active):
        words = _("“%(reason)s” is not a reason for scrap.") % {"reason": reason}
        raise WrongReason(words, field="scrap_reason")
