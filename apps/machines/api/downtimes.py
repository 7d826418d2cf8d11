"""Downtimes, and reasons."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.decorators import action
from rest_framework.request import Request

from apps.api.filters import asked, choice, flag, instant, reference, text
from apps.api.operations import operation
from apps.api.records import Changes, Creates, Deletes
from apps.api.views import WORK
from apps.core.keys import key_of
from apps.machines import services
from apps.machines.api.items import EndItem, MachineDowntimeItem, ReasonItem
from apps.machines.api.rows import MachineDowntimeRow, ReasonRow
from apps.machines.models import Machine, MachineDowntime, Reason
from apps.machines.states import ReasonKind


def _open(downtimes: Any) -> Any:
    return downtimes.open()


class MachineDowntimeView(
    Creates[MachineDowntime], Changes[MachineDowntime], Deletes[MachineDowntime]
):
    """When machines were not available. An open one makes its machine down."""

    model, row, item = MachineDowntime, MachineDowntimeRow, MachineDowntimeItem
    reads = "everyone"
    searched = True
    scopes = dict.fromkeys(("create", "partial_update", "end"), WORK)
    orderings = {"id": ("pk",), "started_at": ("started_at",)}
    filters = {
        "machine": reference(),
        "reason": reference(),
        "reported_by": reference(),
        "started_at": instant(),
        "open": asked(_open, "Not ended."),
    }

    def lock(self, pk: int) -> MachineDowntime:
        """Lock its machine and the one it is to move to, by key; then the downtime."""
        sent = self.request.data
        target = sent.get("machine") if isinstance(sent, dict) else None
        its_own = MachineDowntime.objects.filter(pk=pk).values("machine")
        list(Machine.objects.locked().filter(Q(pk__in=its_own) | Q(pk__in=[key_of(str(target))])))
        downtime: MachineDowntime = super().lock(pk)
        return downtime

    def make(self, data: dict[str, Any]) -> MachineDowntime:
        downtime = MachineDowntime(**{"started_at": timezone.now()} | data)
        return services.save_downtime(downtime, actor=self.actor)

    def store(self, record: MachineDowntime, fields: Sequence[str] | None) -> None:
        services.save_downtime(record, actor=self.actor, fields=fields)

    def remove(self, record: MachineDowntime) -> None:
        services.delete_downtime(record, actor=self.actor)

    @action(detail=True, methods=["post"])
    @operation(takes=EndItem, tells=MachineDowntimeRow, refusals=(409,))
    def end(self, request: Request, pk: int) -> HttpResponse:
        """Bring the machine back, now or at the instant that is said."""
        at = self.read(EndItem).get("ended_at")
        with self.acting_on(pk):
            services.end_downtime(pk, actor=self.actor, at=at)
        return self.tell(pk)


class ReasonView(Creates[Reason], Changes[Reason], Deletes[Reason]):
    """Why pieces were scrapped, and why machines were down."""

    model, row, item = Reason, ReasonRow, ReasonItem
    reads = "everyone"
    searched = True
    orderings = {"id": ("pk",), "code": ("kind", "code")}
    filters = {"kind": choice(ReasonKind), "code": text(), "is_active": flag()}
