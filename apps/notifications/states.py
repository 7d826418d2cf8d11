"""What users are told of. Pure data."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class NotificationKind(TextChoices):
    """What happened."""

    STEP_ASSIGNED = "step_assigned", _("A step was given to you")
    HELP_ANSWERED = "help_answered", _("Your call for help was answered")
    PRINTOUT = "printout", _("A printout of yours is done")
