"""Machines."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from apps.api.filters import among, choice, flag, text
from apps.api.records import ByExternalId, Deletes, put
from apps.core.records import permission
from apps.machines import services
from apps.machines.api.items import MachineItem
from apps.machines.api.rows import MachineRow
from apps.machines.models import Machine
from apps.machines.states import MachineStatus


def _able_to(machines: Any, processes: list[int]) -> Any:
    return machines.able_to(processes)


class MachineView(ByExternalId[Machine], Deletes[Machine]):
    """Where steps run. ``status`` and ``running_steps`` are never written, only led to."""

    model, row, item = Machine, MachineRow, MachineItem
    reads = "everyone"
    searched = True
    orderings = {"id": ("pk",), "code": ("code",), "name": ("name",)}
    filters = {
        "status": choice(MachineStatus),
        "is_active": flag(),
        "code": text(),
        "external_id": text(),
        "process": among(_able_to, "Can do one of them."),
    }

    @classmethod
    def told_rows(cls, rows: QuerySet[Any, Any]) -> Any:
        labels = JSONObject(id="process_id", name="process__name", code="process__code")
        able = Machine.processes.through._default_manager.filter(machine=OuterRef("pk"))
        return rows.annotate(
            process_labels=ArraySubquery(able.order_by("process__name").values(json=labels))
        )

    def hidden(self) -> frozenset[str]:
        """Keep what an hour costs from those who find no machines in the office."""
        may_view = self.actor.has_perm(permission("view", Machine))
        return frozenset() if may_view else frozenset({"hourly_rate"})

    def make(self, data: dict[str, Any]) -> Machine:
        processes = data.pop("processes", ())
        machine = Machine(**data)
        services.save_machine(machine, actor=self.actor, processes=processes)
        return machine

    def change(self, record: Machine, data: dict[str, Any]) -> None:
        processes = data.pop("processes", None)
        services.save_machine(
            record, actor=self.actor, fields=put(record, data), processes=processes
        )
