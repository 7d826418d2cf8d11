"""The shop in figures: what each of them is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from apps.jobs.states import JOB_CAN_BE_LATE
from apps.machines.states import MachineStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Pieces that were made: good ones, lost ones, and those to be made good."""

    good: int
    scrap: int
    rework: int

    @property
    def scrap_rate(self) -> float | None:
        """The share of scrap in what was made, 0 to 1; None where nothing was.

        Source: ISO 22400-2, scrap ratio: scrap quantity over produced quantity.
        """
        made = self.good + self.scrap + self.rework
        return self.scrap / made if made > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiles:
    """What a foreman looks at first: jobs, and what was made on the day."""

    day: date
    active: int
    late: int
    due_this_week: int
    on_hold: int
    made_today: Output

    @property
    def queries(self) -> dict[str, str]:
        """The filters of the office's list of jobs that show what is counted."""
        unfinished = f"status__in={','.join(JOB_CAN_BE_LATE)}"
        until = next_week(self.day)
        return {
            "active": "status__exact=active",
            "late": f"{unfinished}&due_date__lt={self.day}",
            "due_this_week": f"{unfinished}&due_date__gte={self.day}&due_date__lt={until}",
            "on_hold": "status__exact=on_hold",
        }


@dataclass(frozen=True, slots=True)
class LeadTime:
    """Within how many days from release to completion half of some jobs were, and nine in ten.

    None where there are no jobs.
    """

    jobs: int
    p50: int | None
    p90: int | None

    @classmethod
    def of(cls, lasted: Mapping[int, int]) -> "LeadTime":
        """Return that of a histogram: how many jobs took so many days."""
        return cls(sum(lasted.values()), quantile(lasted, 50), quantile(lasted, 90))


@dataclass(frozen=True, slots=True, kw_only=True)
class Month(Output):
    """A month: jobs made and completed, pieces, and the lead times of the completed jobs."""

    month: date
    made: int
    completed: int
    lead_p50: int | None
    lead_p90: int | None


class MachineLoad(NamedTuple):
    """What is planned for a machine: steps not begun or paused wait, those in progress run."""

    id: int
    code: str
    name: str
    status: str
    waiting_minutes: int
    waiting_steps: int
    running_minutes: int
    running_steps: int

    @property
    def is_down(self) -> bool:
        """Whether it is not available now."""
        return self.status == MachineStatus.DOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrap(Output):
    """What a process made lately."""

    id: int
    code: str
    name: str


def next_week(day: date) -> date:
    """Return the Monday after a day."""
    return day + timedelta(days=8 - day.isoweekday())


def quantile(lasted: Mapping[int, int], percent: int) -> int | None:
    """Return within how many days so many percent were done; None where nothing was.

    ``lasted`` says how many took so many days. The answer is the least number of days that at
    least that share does not exceed: a histogram of whole days gives it exactly.

    Source: Hyndman and Fan (1996), "Sample quantiles in statistical packages", definition 1;
    PostgreSQL's ``percentile_disc`` says the same.
    """
    left = sum(lasted.values()) * percent
    for days in sorted(lasted):
        left -= 100 * lasted[days]
        if left <= 0:
            return days
    return None
