"""What programs on the floor are told."""

from typing import Any

from rest_framework import serializers

from apps.accounts.api.users import UserRow
from apps.jobs.api.rows import JobRow, JobStepRow
from apps.machines.api.rows import MachineRow

KINDS = ("job", "step", "machine", "user", "action")


class Tasks(serializers.Serializer[Any]):
    """What one works on, has put down, waits with, and may start next."""

    in_progress = JobStepRow(many=True, help_text="What one works on, as it was begun.")
    paused = JobStepRow(
        many=True,
        help_text="What one has put down, in dispatch order: paused, or in others' hands by now.",
    )
    waiting = JobStepRow(
        many=True,
        help_text="What one has but cannot start yet: not ready, or its job or machine rests.",
    )
    ready = JobStepRow(
        many=True,
        help_text="What one may start, in dispatch order: assigned to one, or to nobody.",
    )
    has_more = serializers.BooleanField(help_text="More is ready than is told.")


class ScannedMachineRow(MachineRow):
    """What anyone may know of a machine."""

    class Meta(MachineRow.Meta):
        fields: tuple[str, ...] = tuple(
            name for name in MachineRow.Meta.fields if name != "hourly_rate"
        )


class StepsPaused(serializers.Serializer[Any]):
    """What one no longer works on."""

    steps = JobStepRow(many=True, help_text="Paused, but for those that others go on with.")


class StepAction(serializers.Serializer[Any]):
    """Something that one does with a step, or at the end of a shift."""

    name = serializers.CharField()
    words = serializers.CharField(help_text="What it does.")


class Scanned(serializers.Serializer[Any]):
    """What a code stands for: of the five records the one that ``kind`` names is told."""

    kind = serializers.ChoiceField(choices=KINDS)
    address = serializers.CharField(
        help_text="Where it is read; of an action, where it is done, with `{id}` for a step's id."
    )
    job = JobRow(required=False)
    step = JobStepRow(required=False)
    machine = ScannedMachineRow(required=False)
    user = UserRow(required=False)
    action = StepAction(required=False)
