"""What happened on the floor: work logs and help calls."""

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from apps.api.filters import asked, choice, reference
from apps.api.items import Item, Key, Nothing
from apps.api.operations import operation
from apps.api.records import Creates, RecordView
from apps.api.views import WORK
from apps.jobs import services
from apps.jobs.api.rows import HelpCallRow, WorkLogRow
from apps.jobs.models import HelpCall, JobStep, WorkLog
from apps.jobs.states import LogKind
from apps.machines.models import Machine


def _open(rows: Any) -> Any:
    return rows.open()


class WorkLogView(RecordView[WorkLog]):
    """Who worked on what, when, and what was made. Written by the steps' actions alone."""

    model, row = WorkLog, WorkLogRow
    reads = "visible"
    filters = {
        "step": reference(),
        "user": reference(),
        "machine": reference(),
        "kind": choice(LogKind),
        "open": asked(_open, "Work that goes on now."),
    }


class HelpCallItem(Item):
    step = Key(JobStep, required=False)
    machine = Key(Machine, required=False)
    note = serializers.CharField(required=False, allow_blank=True, max_length=2_000)


class HelpCallView(Creates[HelpCall]):
    """Calls for help from the floor, and who answered them."""

    model, row, item = HelpCall, HelpCallRow, HelpCallItem
    reads = "visible"
    scopes = {"create": WORK, "answer": WORK}
    filters = {
        "step": reference(),
        "machine": reference(),
        "open": asked(_open, "Calls that nobody has answered."),
    }

    def make(self, data: dict[str, Any]) -> HelpCall:
        """Call for help."""
        step, machine = data.get("step"), data.get("machine")
        return services.raise_help(
            actor=self.actor,
            step_id=step.pk if step else None,
            machine_id=machine.pk if machine else None,
            note=data.get("note", ""),
        )

    @action(detail=True, methods=["post"])
    @operation(tells=HelpCallRow, refusals=(409,))
    def answer(self, request: Request, pk: int) -> HttpResponse:
        """Say that one is on the way."""
        self.read(Nothing)
        with self.acting_on(pk):
            services.answer_help(pk, actor=self.actor)
        return self.tell(pk)
