"""What was printed: files of travellers, and the numbered copies in them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.audit.triggers import audited
from apps.core.models import Record, raises_version
from apps.jobs.models import Job
from apps.paper.querysets import PrintoutQuerySet, TravellerCopyQuerySet
from apps.paper.states import UNFINISHED, PrintoutStatus

# From so many jobs on, a file is made in the background.
AT_ONCE = 20


class Printout(Record):
    """One file with the travellers of one or more jobs: whose, how far it is, where it lies.

    The file goes after a day; the row stays, to say who printed what.
    """

    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="printouts",
        editable=False,
        db_index=False,  # Covered by idx_printouts_ordered_by.
    )
    status = models.CharField(
        max_length=10, choices=PrintoutStatus, default=PrintoutStatus.WAITING, editable=False
    )
    language = models.CharField(max_length=10, editable=False, help_text="What it is written in.")
    jobs_total = models.PositiveSmallIntegerField(editable=False)
    jobs_drawn = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    trouble = models.CharField(
        max_length=200, blank=True, editable=False, help_text="Why the last try failed."
    )
    file = models.FileField(blank=True, editable=False)
    alive_at = models.DateTimeField(
        db_default=Now(), editable=False, help_text="When its making last got on."
    )
    finished_at = models.DateTimeField(null=True, editable=False)

    objects = PrintoutQuerySet.as_manager()

    class Meta:
        db_table = "printouts"
        default_permissions = ("add", "view")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=PrintoutStatus.values), name="printouts_status_chk"
            ),
            models.CheckConstraint(
                condition=Q(jobs_drawn__lte=F("jobs_total"), jobs_total__gt=0),
                name="printouts_jobs_chk",
            ),
            models.CheckConstraint(
                condition=Q(status__in=UNFINISHED, finished_at=None)
                | (~Q(status__in=UNFINISHED) & Q(finished_at__isnull=False)),
                name="printouts_times_chk",
            ),
        ]
        indexes = [
            models.Index(fields=["ordered_by", "id"], name="idx_printouts_ordered_by"),
            models.Index(
                fields=["alive_at"],
                condition=Q(status__in=UNFINISHED),
                name="idx_printouts_unfinished",
            ),
            models.Index(
                fields=["created_at"], condition=~Q(file=""), name="idx_printouts_with_file"
            ),
        ]
        triggers = [
            *raises_version(
                "status", "jobs_drawn", "tries", "trouble", "file", "alive_at", "finished_at"
            ),
            *audited(ignored=("jobs_drawn", "alive_at")),
        ]

    def __str__(self) -> str:
        return str(_("Printout %(number)s") % {"number": self.pk})

    @property
    def is_unfinished(self) -> bool:
        """Whether it is still to be made."""
        return self.status in UNFINISHED

    @property
    def is_long(self) -> bool:
        """Whether it is made in the background."""
        return self.jobs_total > AT_ONCE


class TravellerCopy(Record):
    """One copy of a job's traveller on paper: the second says so on each page.

    It goes with its job, which is deleted only as a draft; the trail keeps it.
    """

    printout = models.ForeignKey(
        Printout,
        on_delete=models.PROTECT,
        related_name="copies",
        editable=False,
        db_index=False,  # Covered by traveller_copies_job_uniq.
    )
    job = models.ForeignKey(
        Job,
        on_delete=models.CASCADE,
        related_name="traveller_copies",
        editable=False,
        db_index=False,  # Covered by traveller_copies_number_uniq.
    )
    number = models.PositiveSmallIntegerField(editable=False, help_text="The job's first is 1.")
    was_draft = models.BooleanField(editable=False)

    objects = TravellerCopyQuerySet.as_manager()

    class Meta:
        db_table = "traveller_copies"
        verbose_name_plural = "traveller copies"
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["job", "number"], name="traveller_copies_number_uniq"),
            models.UniqueConstraint(fields=["printout", "job"], name="traveller_copies_job_uniq"),
            models.CheckConstraint(condition=Q(number__gt=0), name="traveller_copies_number_chk"),
        ]
        triggers = [*raises_version(), *audited()]

    def __str__(self) -> str:
        return str(_("%(job)s, copy %(number)s") % {"job": self.job, "number": self.number})
