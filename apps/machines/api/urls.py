"""Addresses of machines, downtimes and reasons."""

from apps.api.addresses import records
from apps.machines.api.downtimes import MachineDowntimeView, ReasonView
from apps.machines.api.machines import MachineView

urlpatterns = [
    *records("machines", MachineView),
    *records("machine-downtimes", MachineDowntimeView),
    *records("reasons", ReasonView),
]
