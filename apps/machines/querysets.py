"""Questions about machines, downtimes and reasons."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from apps.machines.models import (  # noqa: F401 - named in strings
        Machine,
        MachineDowntime,
        Reason,
    )
    from apps.machines.states import ReasonKind


class MachineQuerySet(models.QuerySet["Machine"]):
    """Questions about machines."""

    def active(self) -> Self:
        """Machines in use."""
        return self.filter(is_active=True)

    def search(self, term: str) -> Self:
        """Machines whose code or name holds the term. A shop has hundreds at most."""
        return self.filter(Q(code__icontains=term) | Q(name__icontains=term))

    def able_to(self, processes: Collection[int]) -> Self:
        """Machines that can do one of the processes."""
        able = self.model.processes.through._default_manager.filter(process__in=processes)
        return self.filter(pk__in=able.values("machine"))

    def locked(self) -> Self:
        """Lock the machines until commit, in primary-key order."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class DowntimeQuerySet(models.QuerySet["MachineDowntime"]):
    """Questions about downtimes."""

    def open(self) -> Self:
        """Downtimes not ended. Uses index: idx_machine_downtimes_open."""
        return self.filter(ended_at=None)

    def search(self, term: str) -> Self:
        """Downtimes of the machines whose code or name holds the term."""
        return self.filter(Q(machine__code__icontains=term) | Q(machine__name__icontains=term))

    def with_labels(self) -> Self:
        """Join what every list of downtimes prints."""
        return self.select_related("machine", "reason", "reported_by")


class ReasonQuerySet(models.QuerySet["Reason"]):
    """Questions about reasons."""

    def of(self, kind: "ReasonKind") -> Self:
        """Reasons of a kind that are in use, by name."""
        return self.filter(kind=kind, is_active=True).order_by("name")

    def search(self, term: str) -> Self:
        """Reasons whose code or name holds the term. A shop has dozens."""
        return self.filter(Q(code__icontains=term) | Q(name__icontains=term))
