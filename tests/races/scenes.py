"""Many equal jobs and workers, made cheaply: a race needs fresh rows for each round."""

from apps.accounts.models import User
from apps.jobs.models import Job
from apps.processes.models import Process
from tests.factories import make_customer, make_job, make_routing, make_user, permit
from tests.races.racing import ROUNDS


def make_jobs(
    process: Process, number: int = ROUNDS, *, released: bool = True, side_by_side: int = 1
) -> list[Job]:
    """Jobs for ten pieces, with as many steps of the process that may all begin at once."""
    planner, customer = make_user("planner"), make_customer()
    routing = make_routing(*[process] * side_by_side)
    routing.steps.update(sequence=10)
    return [
        make_job(actor=planner, customer=customer, routing=routing, released=released)
        for _ in range(number)
    ]


def make_workers(process: Process, number: int) -> list[User]:
    """Operators who may execute the process."""
    users = [make_user("operator") for _ in range(number)]
    permit(users[0], process)
    return users
