"""Loading the demo: all of it, in one transaction, into an empty shop."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.services import seed_roles
from apps.catalog.models import Part
from apps.customers.models import Customer
from apps.demo.calendar import WorkCalendar
from apps.demo.errors import DemoForbidden, NotEmpty
from apps.demo.services.floor import write_downtimes, write_machines, write_processes
from apps.demo.services.jobs import write_calls, write_jobs, write_logs
from apps.demo.services.office import write_customers, write_parts, write_routings
from apps.demo.services.records import Records
from apps.demo.services.shop import (
    lock_shop,
    mark_as_demo,
    write_calendar,
    write_rights,
    write_users,
)
from apps.demo.story import tell
from apps.jobs.models import HelpCall, Job, JobStep, Routing, WorkLog
from apps.machines.models import Machine, MachineDowntime
from apps.machines.services import seed_reasons
from apps.processes.models import Process
from apps.shop.models import Shop

# Rows of any of these mean that somebody keeps a shop here.
KEPT: tuple[type[models.Model], ...] = (Customer, Job, Part, Machine, Process, User)
FILLED: tuple[type[models.Model], ...] = (
    *(User, Customer, Part, Process, Machine, MachineDowntime),
    *(Routing, Job, JobStep, WorkLog, HelpCall),
)
WRITERS = (
    *(write_users, write_processes, write_machines, write_rights, write_downtimes),
    *(write_customers, write_parts, write_routings, write_jobs, write_logs, write_calls),
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows were loaded, by what they are called."""

    rows: dict[str, int]


@transaction.atomic
def load_demo(*, now: datetime | None = None) -> Loaded:
    """Load the demo, so that its story ends at ``now`` (aware; default: this moment).

    Raises: DemoForbidden, NotEmpty.
    Locks:  the shop's row, against another load at the same time.
    """
    require_allowed()
    now = now or timezone.now()
    shop = lock_shop()
    require_empty()
    mark_as_demo(shop)
    seed_roles()
    seed_reasons()
    holidays = write_calendar(now.astimezone(shop.zone).date())
    records = Records(tell(), WorkCalendar(now, shop.zone, holidays))
    for write in WRITERS:
        write(records)
    with connection.cursor() as cursor:  # Estimated counts and plans are right from the start.
        cursor.execute("ANALYZE " + ", ".join(model._meta.db_table for model in FILLED))
    return Loaded(
        {str(model._meta.verbose_name_plural): model._base_manager.count() for model in FILLED}
    )


def require_allowed() -> None:
    """Refuse in production. Raises: DemoForbidden."""
    if not getattr(settings, "ANDON_ALLOWS_DEMO", False):
        raise DemoForbidden("This is no place for the demo: these settings are for production.")


def require_empty() -> None:
    """Refuse where somebody keeps a shop, or the demo is. Raises: NotEmpty."""
    if Shop.objects.filter(is_demo=True).exists():
        raise NotEmpty("The demo is loaded already.")
    found = [str(model._meta.verbose_name_plural) for model in KEPT if model._base_manager.exists()]
    if found:
        raise NotEmpty(
            f"There are {', '.join(found)} already. The demo is loaded into an empty shop only."
        )
