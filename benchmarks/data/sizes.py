"""How much there is to be."""

from dataclasses import dataclass

from benchmarks.data.shape import STEPS_PER_JOB

JOBS_PER_PART = 20  # A part is ordered again, and a shop that makes to order has many.
JOBS_PER_ROUTING = 200
FEWEST_PARTS, FEWEST_ROUTINGS = 200, 60  # Below, every job would be like the next.


@dataclass(frozen=True, slots=True)
class Size:
    """A shop's size; what is not named follows from its jobs."""

    name: str
    jobs: int
    customers: int
    machines: int
    users: int

    @property
    def steps(self) -> int:
        """Steps of all jobs: exact where the jobs are whole thousands."""
        return self.jobs * STEPS_PER_JOB

    @property
    def parts(self) -> int:
        """Parts in the catalogue."""
        return max(FEWEST_PARTS, self.jobs // JOBS_PER_PART)

    @property
    def routings(self) -> int:
        """Routings that jobs are made from."""
        return max(FEWEST_ROUTINGS, self.jobs // JOBS_PER_ROUTING)


SMALL = Size("small", jobs=10_000, customers=10_000, machines=50, users=200)
FULL = Size("full", jobs=1_000_000, customers=1_000_000, machines=500, users=2_000)
SIZES = {size.name: size for size in (SMALL, FULL)}
