"""What a printout can be. Pure data."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PrintoutStatus(TextChoices):
    """How far a printout is."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Being made")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


# A tuple, not a set: its order is written into the condition of an index.
UNFINISHED = (PrintoutStatus.WAITING, PrintoutStatus.RUNNING)
