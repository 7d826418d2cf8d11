"""Refusals about machines."""

from apps.core.errors import Conflict, Invalid


class MachineUnavailable(Conflict):
    """The machine is down, inactive, full or unable to do the process."""

    code = "machine_unavailable"


class AlreadyDown(Conflict):
    """The machine has a downtime over that time already."""

    code = "already_down"


class DowntimeEnded(Conflict):
    """The downtime has ended already."""

    code = "downtime_ended"


class WrongReason(Invalid):
    """The reason is of another kind, or no longer in use."""

    code = "wrong_reason"
