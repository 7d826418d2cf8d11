"""The demo's shop itself: its settings and calendar, its people, and what they may do."""

from collections.abc import Collection
from datetime import date, time

from django.contrib.auth.hashers import make_password

from apps.accounts import pins
from apps.accounts.models import Role, User
from apps.demo.calendar import DAY
from apps.demo.floor import INSPECTION
from apps.demo.people import OPERATOR, PASSWORD, PEOPLE, PIN, SUPERVISOR
from apps.demo.services.records import Records, insert
from apps.processes.models import RoleProcessPermission
from apps.processes.selectors import process_rights
from apps.shop.models import Holiday, Shift, Shop
from apps.shop.selectors import cached_shop
from apps.shop.services import seed_shop

NAME = "Meridian Works"
SHIFTS = (("Early", time(6), time(14)), ("Late", time(14), time(22)))
HOLIDAYS = (
    (1, 1, "New Year’s Day"),
    (5, 1, "Labour Day"),
    (12, 25, "Christmas Day"),
    (12, 26, "Boxing Day"),
)
_HIRED = -700  # The working day on which everybody was there.


def lock_shop() -> Shop:
    """Return the row of settings, made if missing, and locked until commit."""
    seed_shop()
    return Shop.objects.select_for_update(no_key=True).get()


def mark_as_demo(shop: Shop) -> None:
    """Mark the shop as the demo, and name it, unless it has a name."""
    shop.is_demo = True
    if shop.name == Shop._meta.get_field("name").default:
        shop.name = NAME
    shop.save(update_fields=["is_demo", "name"])
    cached_shop.forget(Shop.ONLY)


def write_calendar(today: date) -> Collection[date]:
    """Write the shifts, and the holidays from last year to next; return their dates."""
    insert(Shift, (Shift(name=name, starts_at=start, ends_at=end) for name, start, end in SHIFTS))
    holidays = [
        Holiday(date=date(year, month, day), name=name)
        for year in (today.year - 1, today.year, today.year + 1)
        for month, day, name in HOLIDAYS
    ]
    return [holiday.date for holiday in insert(Holiday, holidays)]


def write_users(records: Records) -> None:
    """Write the people; all have one password and one PIN, hashed once because that is slow."""
    roles = {role.code: role for role in Role.objects.all()}
    password, pin = make_password(PASSWORD), pins.hashed(PIN)
    hired = records.calendar.at(_HIRED * DAY)
    users = insert(
        User,
        (
            User(
                username=person.username,
                full_name=person.full_name,
                role=roles[person.role],
                email=f"{person.username}@andon.example.com",
                badge_code=f"B-{number}",
                password=password,
                pin=pin,
                created_at=hired,
                updated_at=hired,
            )
            for number, person in enumerate(PEOPLE, start=101)
        ),
    )
    records.users = {user.username: user for user in users}


def write_rights(records: Records) -> None:
    """Let operators work every process but inspection, which they see, and supervisors lead all."""
    roles = {code: Role.objects.get(code=code) for code in (OPERATOR, SUPERVISOR)}
    insert(
        RoleProcessPermission,
        (
            RoleProcessPermission(
                role=role,
                process=process,
                can_execute=code == SUPERVISOR or process.code != INSPECTION,
                can_supervise=code == SUPERVISOR,
            )
            for code, role in roles.items()
            for process in records.processes.values()
        ),
    )
    for role in roles.values():
        process_rights.forget(role.pk)
