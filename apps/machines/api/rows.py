"""What programs read of machines, downtimes and reasons."""

from rest_framework import serializers

from apps.api.rows import Coded, Row, person
from apps.machines.models import Machine, MachineDowntime, Reason


class MachineRow(Row):
    processes = serializers.ListField(
        child=Coded(), source="process_labels", help_text="What it can do, by name."
    )

    class Meta:
        model = Machine
        fields: tuple[str, ...] = (
            "id",
            "code",
            "external_id",
            "name",
            "processes",
            "status",
            "capacity",
            "running_steps",
            "hourly_rate",
            "location",
            "is_active",
            "created_at",
            "updated_at",
            "version",
        )
        withheld = ("hourly_rate",)
        extra_kwargs = {
            "hourly_rate": {"help_text": "Left out for who may not view machines in the office."}
        }


class MachineDowntimeRow(Row):
    machine = Coded()
    reason = Coded()
    reported_by = person()

    class Meta:
        model = MachineDowntime
        fields = (
            "id",
            "machine",
            "reason",
            "note",
            "started_at",
            "ended_at",
            "reported_by",
            "created_at",
            "updated_at",
            "version",
        )


class ReasonRow(Row):
    class Meta:
        model = Reason
        fields = ("id", "kind", "code", "name", "is_active", "created_at", "updated_at", "version")
