"""What a machine is doing, read from the rows that say so."""

from apps.machines.models import MachineDowntime


def open_downtime(machine_id: int) -> MachineDowntime | None:
    """Return the downtime the machine is in. Uses index: idx_machine_downtimes_open."""
    return MachineDowntime.objects.open().with_labels().filter(machine=machine_id).first()
