"""Routings: the templates that jobs are made from."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.audit.triggers import audited
from apps.catalog.models import Part
from apps.core.models import Record, raises_version
from apps.core.search import SearchText
from apps.jobs.models.facts import AT_LEAST_ONE
from apps.jobs.querysets import (
    RoutingQuerySet,
    RoutingStepQuerySet,
)
from apps.jobs.states import (
    StartsAfter,
)
from apps.machines.models import Machine
from apps.processes.models import Process


class Routing(Record):
    """A template from which a job's steps are made."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=160)
    part = models.ForeignKey(
        Part,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="routings",
        db_index=False,  # Covered by idx_routings_part.
    )
    notes = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    search_text = SearchText("code", "name")

    objects = RoutingQuerySet.as_manager()

    class Meta:
        db_table = "routings"
        ordering = ("code",)
        indexes = [
            models.Index(fields=["part"], name="idx_routings_part"),
            GinIndex(
                fields=["search_text"], opclasses=["gin_trgm_ops"], name="idx_routings_search"
            ),
            models.Index(
                fields=["search_text"],
                opclasses=["text_pattern_ops"],
                name="idx_routings_search_prefix",
            ),
        ]
        triggers = [*raises_version("search_text"), *audited()]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class RoutingStep(Record):
    """One operation of a routing. Steps that share a sequence may run side by side."""

    routing = models.ForeignKey(
        Routing,
        on_delete=models.CASCADE,
        related_name="steps",
        db_index=False,  # Covered by idx_routing_steps_order.
    )
    sequence = models.PositiveSmallIntegerField(validators=AT_LEAST_ONE)
    process = models.ForeignKey(
        Process, on_delete=models.PROTECT, related_name="routing_steps", db_index=False
    )
    machine = models.ForeignKey(
        Machine,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="routing_steps",
        db_index=False,
    )
    setup_minutes = models.PositiveIntegerField(default=0)
    run_minutes_per_unit = models.DecimalField(max_digits=9, decimal_places=3, default=0)
    instructions = models.TextField(blank=True)
    starts_after = models.CharField(
        max_length=10, choices=StartsAfter, default=StartsAfter.FINISHED
    )

    objects = RoutingStepQuerySet.as_manager()

    class Meta:
        db_table = "routing_steps"
        ordering = ("sequence", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(run_minutes_per_unit__gte=0),
                name="routing_steps_run_minutes_chk",
                violation_error_message=_("Minutes are not negative."),
            ),
            models.CheckConstraint(
                condition=Q(starts_after__in=StartsAfter.values),
                name="routing_steps_starts_after_chk",
            ),
        ]
        indexes = [
            models.Index(fields=["routing", "sequence", "id"], name="idx_routing_steps_order"),
            models.Index(fields=["process"], name="idx_routing_steps_process"),
            models.Index(fields=["machine"], name="idx_routing_steps_machine"),
        ]
        triggers = [*raises_version(), *audited()]

    def __str__(self) -> str:
        return f"{self.routing.code} · {self.sequence} · {self.process}"
