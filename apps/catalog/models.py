"""Parts: what jobs make."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.audit.triggers import audited
from apps.catalog.querysets import PartQuerySet
from apps.core.models import Record, raises_version
from apps.core.search import SearchText


class Part(Record):
    """What a job makes: a number with a revision."""

    number = models.CharField(max_length=60)
    revision = models.CharField(max_length=20, blank=True)
    external_id = models.CharField(  # noqa: DJ001 - unique where there is one
        max_length=80,
        null=True,
        blank=True,
        help_text="The key another system knows it by.",
    )
    name = models.CharField(max_length=160)
    unit = models.CharField(max_length=20, default="pcs", help_text="What its quantity counts.")
    notes = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    search_text = SearchText("number", "name")

    objects = PartQuerySet.as_manager()

    class Meta:
        db_table = "parts"
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"],
                name="parts_external_id_uniq",
                violation_error_message=_("Another record has this key."),
            ),
            models.UniqueConstraint(
                fields=["number", "revision"],
                name="parts_number_revision_uniq",
                violation_error_message=_("There is a part with this number and revision already."),
            ),
        ]
        indexes = [
            GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="idx_parts_search"),
            models.Index(
                fields=["search_text"],
                opclasses=["text_pattern_ops"],
                name="idx_parts_search_prefix",
            ),
            models.Index(fields=["name", "id"], name="idx_parts_name"),
        ]
        triggers = [*raises_version("search_text"), *audited()]

    def __str__(self) -> str:
        return f"{self.number} rev {self.revision}" if self.revision else self.number
