"""What a machine can be, and the kinds of reason."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class MachineStatus(TextChoices):
    """Kept by the services: down while a downtime is open, running while a step is."""

    IDLE = "idle", _("Idle")
    RUNNING = "running", _("Running")
    DOWN = "down", _("Down")


class ReasonKind(TextChoices):
    """What a reason explains."""

    SCRAP = "scrap", _("Scrap")
    DOWNTIME = "downtime", _("Downtime")


NOT_RECORDED = "not_recorded"
