"""Files on what the shop keeps."""

from collections.abc import Mapping
from types import MappingProxyType

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Func, Q
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from apps.audit.triggers import audited
from apps.catalog.models import Part
from apps.core.models import Record, raises_version
from apps.core.search import SearchText
from apps.customers.models import Customer
from apps.jobs.models.jobs import Job
from apps.jobs.models.routings import RoutingStep
from apps.jobs.models.steps import JobStep
from apps.jobs.querysets import (
    AttachmentQuerySet,
)
from apps.machines.models import Machine

# What a file hangs on, by the names of its foreign keys: exactly one of them is set.
Target = Job | JobStep | RoutingStep | Part | Customer | Machine
TARGETS: Mapping[str, type[Target]] = MappingProxyType(
    {
        "job": Job,
        "step": JobStep,
        "routing_step": RoutingStep,
        "part": Part,
        "customer": Customer,
        "machine": Machine,
    }
)


class Attachment(Record):
    """A file on one job, step, routing step, part, customer or machine.

    What it holds was checked by ``apps.jobs.services`` and never changes: another file is
    another attachment.
    """

    job = models.ForeignKey(
        Job,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
        db_index=False,
    )
    step = models.ForeignKey(
        JobStep,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
        db_index=False,
    )
    routing_step = models.ForeignKey(
        RoutingStep,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
        db_index=False,
    )
    part = models.ForeignKey(
        Part,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
        db_index=False,
    )
    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
        db_index=False,
    )
    machine = models.ForeignKey(
        Machine,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
        db_index=False,
    )
    title = models.CharField(
        max_length=160, blank=True, help_text="Left empty, the file's name is shown."
    )
    file = models.FileField(editable=False, help_text="Where it is stored, under a random name.")
    file_name = models.CharField(max_length=120, editable=False)
    size = models.PositiveIntegerField(editable=False, help_text="Bytes.")
    content_type = models.CharField(max_length=100, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        editable=False,
        related_name="attachments",
        db_index=False,
    )
    search_text = SearchText("file_name", "title")

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        db_table = "attachments"
        constraints = [
            models.UniqueConstraint(fields=["file"], name="attachments_file_uniq"),
            models.CheckConstraint(
                condition=Exact(
                    Func(*TARGETS, function="num_nonnulls", output_field=models.IntegerField()), 1
                ),
                name="attachments_target_chk",
                violation_error_message=_(
                    "Choose the one thing it belongs to: "
                    "a job, a step, a routing step, a part, a customer or a machine."
                ),
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="attachments_size_chk"),
        ]
        indexes = [
            models.Index(
                fields=["job", "id"],
                condition=Q(job__isnull=False),
                name="idx_attachments_job",
            ),
            models.Index(
                fields=["step", "id"],
                condition=Q(step__isnull=False),
                name="idx_attachments_step",
            ),
            models.Index(
                fields=["routing_step", "id"],
                condition=Q(routing_step__isnull=False),
                name="idx_attachments_routing_step",
            ),
            models.Index(
                fields=["part", "id"],
                condition=Q(part__isnull=False),
                name="idx_attachments_part",
            ),
            models.Index(
                fields=["customer", "id"],
                condition=Q(customer__isnull=False),
                name="idx_attachments_customer",
            ),
            models.Index(
                fields=["machine", "id"],
                condition=Q(machine__isnull=False),
                name="idx_attachments_machine",
            ),
            models.Index(fields=["uploaded_by"], name="idx_attachments_uploaded_by"),
            GinIndex(
                fields=["search_text"], opclasses=["gin_trgm_ops"], name="idx_attachments_search"
            ),
            models.Index(
                fields=["search_text"],
                opclasses=["text_pattern_ops"],
                name="idx_attachments_search_prefix",
            ),
        ]
        triggers = [*raises_version("search_text"), *audited()]

    def __str__(self) -> str:
        return self.title or self.file_name

    @property
    def target(self) -> Target | None:
        """What it hangs on; None before it is chosen."""
        return next((getattr(self, name) for name in TARGETS if getattr(self, f"{name}_id")), None)
