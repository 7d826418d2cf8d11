"""What programs send of machines, downtimes and reasons."""

from rest_framework import serializers

from apps.api.items import ExternalId, Item, Key, ModelItem
from apps.machines.models import Machine, MachineDowntime, Reason
from apps.processes.models import Process


class MachineItem(ModelItem):
    external_id = ExternalId()
    processes = Key(Process, many=True, required=False, help_text="What it can do: all of it.")

    class Meta:
        model = Machine
        fields = (
            "code",
            "external_id",
            "name",
            "processes",
            "capacity",
            "hourly_rate",
            "location",
            "is_active",
        )
        extra_kwargs = {"capacity": {"min_value": 1}, "hourly_rate": {"min_value": 0}}


class MachineDowntimeItem(ModelItem):
    machine = Key(Machine)
    reason = Key(Reason)

    class Meta:
        model = MachineDowntime
        fields = ("machine", "reason", "note", "started_at", "ended_at")
        extra_kwargs = {"started_at": {"required": False, "help_text": "Left out: now."}}


class EndItem(Item):
    ended_at = serializers.DateTimeField(required=False, help_text="Left out: now.")


class ReasonItem(ModelItem):
    class Meta:
        model = Reason
        fields = ("kind", "code", "name", "is_active")
