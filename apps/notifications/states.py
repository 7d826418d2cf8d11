"""What users are told of. Pure data."""

from django.db.models import TextChoices


class NotificationKind(TextChoices):
    """What happened."""

    STEP_ASSIGNED = "step_assigned", "A step was given to you"
    HELP_ANSWERED = "help_answered", "Your call for help was answered"
    PRINTOUT = "printout", "A printout of yours is done"
