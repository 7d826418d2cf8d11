"""Routings, told and written with their steps."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, OuterRef, QuerySet, When
from django.db.models.functions import Cast, JSONObject
from rest_framework import serializers

from apps.api.filters import reference, text
from apps.api.items import Items, Key, ModelItem
from apps.api.records import Changes, Creates, Deletes, put
from apps.api.rows import Coded, Numbered, Row
from apps.catalog.models import Part
from apps.jobs import services
from apps.jobs.models import Routing, RoutingStep
from apps.machines.models import Machine
from apps.processes.models import Process

STEPS_AT_MOST = 500


class RoutingStepRow(Row):
    process = Coded()
    machine = Coded(allow_null=True)

    class Meta:
        model = RoutingStep
        fields = (
            "id",
            "sequence",
            "process",
            "machine",
            "setup_minutes",
            "run_minutes_per_unit",
            "starts_after",
            "instructions",
        )


class RoutingRow(Row):
    part = Numbered()
    steps = serializers.ListField(
        child=RoutingStepRow(), source="told_steps", help_text="In their order."
    )

    class Meta:
        model = Routing
        fields = (
            "id",
            "code",
            "name",
            "part",
            "notes",
            "is_active",
            "steps",
            "created_at",
            "updated_at",
            "version",
        )


class RoutingStepItem(ModelItem):
    process = Key(Process)
    machine = Key(Machine, required=False, allow_null=True)

    class Meta:
        model = RoutingStep
        list_serializer_class = Items
        fields = (
            "sequence",
            "process",
            "machine",
            "setup_minutes",
            "run_minutes_per_unit",
            "starts_after",
            "instructions",
        )
        extra_kwargs = {"run_minutes_per_unit": {"min_value": 0}}


class RoutingItem(ModelItem):
    part = Key(Part, required=False, allow_null=True)
    steps = RoutingStepItem(
        many=True,
        required=False,
        max_length=STEPS_AT_MOST,  # type: ignore[call-arg]  # of the list, unknown to the stubs
        help_text="All of them: those left out are deleted, with their files.",
    )

    class Meta:
        model = Routing
        fields = ("code", "name", "part", "notes", "is_active", "steps")


def _labels(name: str) -> JSONObject:
    return JSONObject(id=f"{name}_id", name=f"{name}__name", code=f"{name}__code")


class RoutingView(Creates[Routing], Changes[Routing], Deletes[Routing]):
    """Templates that jobs are made from. Jobs made before stay as they are."""

    model, row, item = Routing, RoutingRow, RoutingItem
    searched = True
    orderings = {"id": ("pk",), "code": ("code",)}
    filters = {"code": text(), "part": reference(nullable=True)}

    @classmethod
    def told_rows(cls, rows: QuerySet[Any, Any]) -> Any:
        step = JSONObject(
            id="pk",
            sequence="sequence",
            process=_labels("process"),
            machine=Case(When(machine__isnull=False, then=_labels("machine"))),
            setup_minutes="setup_minutes",
            run_minutes_per_unit=Cast("run_minutes_per_unit", CharField()),
            starts_after="starts_after",
            instructions="instructions",
        )
        steps = RoutingStep.objects.filter(routing=OuterRef("pk")).order_by("sequence", "pk")
        return rows.annotate(told_steps=ArraySubquery(steps.values(json=step)))

    def make(self, data: dict[str, Any]) -> Routing:
        steps = data.pop("steps", [])
        routing = Routing(**data)
        services.save_routing(routing, actor=self.actor, steps=_steps(steps))
        return routing

    def change(self, record: Routing, data: dict[str, Any]) -> None:
        steps = data.pop("steps", None)
        services.save_routing(
            record, actor=self.actor, fields=put(record, data), steps=_steps(steps)
        )

    def remove(self, record: Routing) -> None:
        services.delete_routing(record, actor=self.actor)


def _steps(sent: list[dict[str, Any]] | None) -> list[RoutingStep] | None:
    return None if sent is None else [RoutingStep(**each) for each in sent]
