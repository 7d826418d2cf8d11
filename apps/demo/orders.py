"""What the demo's customers order, when, and what the office does with it."""

from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from apps.demo.calendar import DAY, NOW, TODAY, minute
from apps.demo.chance import happens
from apps.demo.families import FAMILIES, Family
from apps.jobs.states import JobStatus, Priority

RELEASED, DRAFTS, DROPPED = 742, 47, 11  # Jobs that reached the floor; not yet; never.
CUSTOMERS = 200
OLD_CUSTOMERS = 150  # Were customers before the demo's year began.
PARTS_A_FAMILY = 5
OLD_REVISION, REVISED = 4, 3  # Places in a family: the last is an old revision of the one before.
REVISED_ON = 110  # The working day from which the new revision is made.
NOTES = (
    "Deliver with 3.1 certificates.",
    "Customer collects.",
    "Partial delivery is welcome.",
    "First article report with the first box.",
    "Call before delivery: the dock closes at 15:00.",
)


class PartPlan(NamedTuple):
    """A part to be, by its family and its place in it."""

    family: Family
    number: str
    revision: str
    is_active: bool


@dataclass(slots=True)
class Order:
    """A job to be. Moments in minutes of the demo's clock; ``due`` is a working day's number."""

    family: Family
    part: int
    customer: int
    quantity: int
    priority: Priority
    created: int
    created_by: str
    released: int | None = None
    due: int | None = None
    notes: str = ""
    stopped: int | None = None  # Put on hold, or cancelled.
    stopped_as: JobStatus | None = None
    late_step: int | None = None  # Its material came late.


def make_parts(rng: Random) -> list[PartPlan]:
    """Return the parts, family by family."""
    parts = []
    for family in FAMILIES:
        numbers = sorted(rng.sample(range(10, 100), PARTS_A_FAMILY))
        numbers[OLD_REVISION] = numbers[REVISED]
        revisions = [rng.choice("ABC") for _ in numbers]
        revisions[OLD_REVISION], revisions[REVISED] = "A", "B"
        parts += [
            PartPlan(family, f"{family.letter}-{number}", revision, place != OLD_REVISION)
            for place, (number, revision) in enumerate(zip(numbers, revisions, strict=True))
        ]
    return parts


def make_customer_days(rng: Random) -> list[int]:
    """Return the working day on which each customer became one, oldest first."""
    old = sorted(rng.randint(-900, -1) for _ in range(OLD_CUSTOMERS))
    return old + sorted(rng.randint(0, TODAY - 5) for _ in range(CUSTOMERS - OLD_CUSTOMERS))


def make_orders(rng: Random, customer_days: list[int]) -> list[Order]:
    """Return the orders of the year, in the order in which they came."""
    busy = [1 + day / TODAY + (4 if day > TODAY - 14 else 0) for day in range(TODAY)]
    days = sorted([*rng.choices(range(TODAY), busy, k=RELEASED - 4), *[TODAY] * 4])
    orders = [_release(rng, _order(rng, customer_days, day), day) for day in days]
    for count, since in ((DRAFTS, TODAY - 8), (DROPPED, 20)):
        orders += [_draft(rng, customer_days, rng.randint(since, TODAY)) for _ in range(count)]
    for order in rng.sample(orders[RELEASED + DRAFTS :], DROPPED):
        order.stopped, order.stopped_as = min(order.created + 2 * DAY, NOW), JobStatus.CANCELLED
    return sorted(orders, key=lambda order: order.created)


def _order(rng: Random, customer_days: list[int], day: int) -> Order:
    place = rng.randrange(len(FAMILIES))
    family = FAMILIES[place]
    made = rng.randrange(PARTS_A_FAMILY - 1)
    if made == REVISED and day < REVISED_ON:
        made = OLD_REVISION
    known = sum(since < day - 5 for since in customer_days)
    return Order(
        family=family,
        part=place * PARTS_A_FAMILY + made,
        customer=int(known * rng.random() ** 1.8),  # A few order much, many order little.
        quantity=rng.choice(family.quantities),
        priority=rng.choices(list(Priority), (10, 66, 16, 8))[0],
        created=minute(day, rng.uniform(6.5, 10.5 if day == TODAY else 16)),
        created_by=rng.choice(("planner", "planner", "hanna", "manager")),
        notes=rng.choice(NOTES) if happens(rng, 0.15) else "",
    )


def _release(rng: Random, order: Order, day: int) -> Order:
    order.released = order.created
    gap = rng.randint(0, 4)
    order.created -= gap * DAY if gap else rng.randint(5, 60)
    usual = 2 + 1.1 * len(order.family.operations)
    hurry = 0.8 if order.priority == Priority.URGENT else rng.uniform(0.95, 2.2)
    order.due = None if happens(rng, 0.03) else day + round(usual * hurry)
    if happens(rng, 0.08):
        order.late_step = rng.randrange(len(order.family.operations))
    stop = order.released + round(rng.uniform(0.4, 3) * DAY)
    recent = TODAY - 22 < day < TODAY - 1
    if stop < NOW and recent and happens(rng, 0.14):
        order.stopped, order.stopped_as = stop, JobStatus.ON_HOLD
    elif stop < NOW and happens(rng, 0.03):
        order.stopped, order.stopped_as = stop, JobStatus.CANCELLED
    return order


def _draft(rng: Random, customer_days: list[int], day: int) -> Order:
    order = _order(rng, customer_days, day)
    order.due = day + rng.randint(8, 40)
    return order
