"""Who jobs are for."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Func
from django.utils.translation import gettext_lazy as _

from apps.audit.triggers import audited
from apps.core.models import Record, raises_version
from apps.core.search import SearchText
from apps.customers.querysets import CustomerQuerySet

# ``C-00001`` and on, from a sequence: never reused (see the first migration).
NEXT_CODE = Func(function="next_customer_code", output_field=models.CharField())


class Customer(Record):
    """Who a job is for."""

    code = models.CharField(
        max_length=20,
        unique=True,
        blank=True,
        db_default=NEXT_CODE,
        help_text="Left empty, the next number is taken.",
    )
    external_id = models.CharField(  # noqa: DJ001 - unique where there is one
        max_length=80,
        null=True,
        blank=True,
        help_text="The key another system knows it by.",
    )
    name = models.CharField(max_length=160)
    contact_name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    address = models.TextField(blank=True)
    city = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=80, blank=True)
    tax_number = models.CharField(max_length=40, blank=True)
    notes = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    search_text = SearchText("name", "code", "contact_name", "city")

    objects = CustomerQuerySet.as_manager()

    class Meta:
        db_table = "customers"
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"],
                name="customers_external_id_uniq",
                violation_error_message=_("Another record has this key."),
            ),
        ]
        indexes = [
            GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="idx_customers_name"),
            models.Index(
                fields=["search_text"],
                opclasses=["text_pattern_ops"],
                name="idx_customers_name_prefix",
            ),
            models.Index(fields=["name", "id"], name="idx_customers_name_order"),
            models.Index(fields=["email"], name="idx_customers_email"),
            models.Index(fields=["phone"], name="idx_customers_phone"),
            models.Index(fields=["created_at", "id"], name="idx_customers_created_at"),
            models.Index(fields=["updated_at", "id"], name="idx_customers_updated_at"),
        ]
        triggers = [*raises_version("search_text"), *audited()]

    def __str__(self) -> str:
        return self.name
