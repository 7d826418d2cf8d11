"""The demo's whole story, from one seed: who orders what, and how the floor works it off."""

from dataclasses import dataclass
from random import Random

from apps.demo.assignments import assign
from apps.demo.companies import Company, make_companies
from apps.demo.courses import Course
from apps.demo.incidents import Call, correct_some, make_calls
from apps.demo.orders import CUSTOMERS, PartPlan, make_customer_days, make_orders, make_parts
from apps.demo.simulation import Floor
from apps.demo.uptime import Downtime

SEED = "andon"


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that happened, in minutes and working days of the demo's clock."""

    companies: list[Company]
    customer_days: list[int]
    parts: list[PartPlan]
    courses: list[Course]
    downtimes: dict[str, list[Downtime]]
    calls: list[Call]


def tell() -> Story:
    """Return the story: the same at every call."""
    rng = Random(SEED)  # noqa: S311 - the same each time is what is wanted
    days = make_customer_days(rng)
    floor = Floor(rng)
    courses = floor.work(make_orders(rng, days))
    assign(rng, courses)
    correct_some(rng, courses)
    return Story(
        companies=make_companies(rng, CUSTOMERS),
        customer_days=days,
        parts=make_parts(rng),
        courses=courses,
        downtimes=floor.downtimes,
        calls=make_calls(rng, courses),
    )
