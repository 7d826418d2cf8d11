"""What a machine can be, and the kinds of reason."""

from django.db.models import TextChoices


class MachineStatus(TextChoices):
    """Kept by the services: down while a downtime is open, running while a step is."""

    IDLE = "idle", "Idle"
    RUNNING = "running", "Running"
    DOWN = "down", "Down"


class ReasonKind(TextChoices):
    """What a reason explains."""

    SCRAP = "scrap", "Scrap"
    DOWNTIME = "downtime", "Downtime"


NOT_RECORDED = "not_recorded"
