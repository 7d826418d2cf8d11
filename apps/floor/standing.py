"""The machine that a device stands at: remembered on the device, whoever signs in there."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from apps.accounts.models import User
from apps.core.keys import key_of
from apps.machines.models import Machine
from apps.machines.querysets import MachineQuerySet
from apps.machines.states import MachineStatus
from apps.processes.policies import EVERY
from apps.processes.selectors import process_rights
from apps.shop.words import since

COOKIE = "andon_machine"
KEPT_FOR = timedelta(days=365)

# Uses index: machines_pkey, idx_machine_downtimes_open.
_STAND = """
SELECT machine.id,
    CASE WHEN machine.code <> machine.name THEN machine.code || ' ' || machine.name
         ELSE machine.name END,
    machine.status,
    downtime.started_at, reason.name
FROM machines machine
LEFT JOIN machine_downtimes downtime
    ON downtime.machine_id = machine.id AND downtime.ended_at IS NULL
LEFT JOIN reasons reason ON reason.id = downtime.reason_id
WHERE machine.id = %s AND machine.is_active
"""


@dataclass(frozen=True, slots=True)
class Stand:
    """A machine somebody stands at; since when and why it is down."""

    pk: int
    label: str
    status: str
    down_since: datetime | None
    reason: str | None

    def __str__(self) -> str:
        return self.label

    @property
    def is_down(self) -> bool:
        """Whether it can be worked on."""
        return self.status == MachineStatus.DOWN

    @property
    def since(self) -> str:
        """When it went down, in words."""
        return since(self.down_since) if self.down_since else ""


def key_at(request: HttpRequest) -> int | None:
    """Return the key of the machine that the device stands at; None for all. Queries: 0."""
    return key_of(request.COOKIES.get(COOKIE))


def stand_at(request: HttpRequest) -> Stand | None:
    """Return the machine that the device stands at, if it is in use. Queries: 1; 0 for none."""
    key = key_at(request)
    return read_stand(key) if key is not None else None


def read_stand(machine_id: int) -> Stand | None:
    """Return a machine to stand at, if it is in use. Queries: 1."""
    with connection.cursor() as cursor:
        cursor.execute(_STAND, [machine_id])
        row = cursor.fetchone()
    return Stand(*row) if row else None


def machines_for(user: User) -> MachineQuerySet:
    """Return the machines in use that can do what the user may, by code."""
    machines = Machine.objects.active().order_by("code")
    if user.has_perm(EVERY):
        return machines
    return machines.able_to(process_rights(user.role_id).execute)


def remember(response: HttpResponse, machine_id: int | None) -> None:
    """Have the device remember the machine; None forgets it."""
    if machine_id is None:
        response.delete_cookie(COOKIE, samesite="Lax")
    else:
        expires = timezone.now() + KEPT_FOR
        response.set_cookie(COOKIE, str(machine_id), expires=expires, samesite="Lax")
