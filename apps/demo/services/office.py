"""The demo's customers, parts and routings."""

from apps.catalog.models import Part
from apps.customers.models import Customer
from apps.demo.calendar import DAY
from apps.demo.families import FAMILIES
from apps.demo.services.records import Records, insert
from apps.jobs.models import Routing, RoutingStep

_DRAWN = -600  # The working day on which the parts and routings were there.
_INACTIVE = 6  # Customers who ordered nothing all year, and will not.


def write_customers(records: Records) -> None:
    """Write the customers, oldest first; a few of those without a job are inactive."""
    ordered = {course.order.customer for course in records.story.courses}
    silent = [place for place in range(len(records.story.companies)) if place not in ordered]
    rows = []
    for place, company in enumerate(records.story.companies):
        since = records.calendar.at(records.story.customer_days[place] * DAY + 9 * 60 + place % 420)
        rows.append(
            Customer(
                **company._asdict(),
                is_active=place not in silent[:_INACTIVE],
                created_at=since,
                updated_at=since,
            )
        )
    records.customers = insert(Customer, rows)


def write_parts(records: Records) -> None:
    """Write the parts, family by family."""
    since = records.calendar.at(_DRAWN * DAY)
    records.parts = insert(
        Part,
        (
            Part(
                number=plan.number,
                revision=plan.revision,
                name=f"{plan.family.name} {plan.number}",
                is_active=plan.is_active,
                created_at=since,
                updated_at=since,
            )
            for plan in records.story.parts
        ),
    )


def write_routings(records: Records) -> None:
    """Write a routing for each family, with its steps."""
    since = records.calendar.at(_DRAWN * DAY)
    routings = insert(
        Routing,
        (
            Routing(
                code=f"R-{family.letter}",
                name=f"{family.name}s",
                created_at=since,
                updated_at=since,
            )
            for family in FAMILIES
        ),
    )
    records.routings = {
        family.letter: routing for family, routing in zip(FAMILIES, routings, strict=True)
    }
    insert(
        RoutingStep,
        (
            RoutingStep(
                routing=records.routings[family.letter],
                sequence=operation.sequence,
                process=records.processes[operation.process],
                machine=records.machines[operation.machine] if operation.machine else None,
                setup_minutes=operation.setup,
                run_minutes_per_unit=operation.run,
                instructions=operation.instructions,
                starts_after=operation.starts_after,
                created_at=since,
                updated_at=since,
            )
            for family in FAMILIES
            for operation in family.operations
        ),
    )
