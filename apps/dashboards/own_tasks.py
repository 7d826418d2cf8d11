"""How much one has to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import IntegerField, QuerySet, Subquery

from apps.accounts.models import User
from apps.core.paging import COUNT_AT_MOST
from apps.core.together import Question, Together
from apps.dashboards.asker import Asker
from apps.jobs.models import JobStep


@dataclass(frozen=True, slots=True)
class Tile:
    """How many steps are in a state; ``many`` when there are more than were counted."""

    status: str
    count: int
    many: bool

    @property
    def said(self) -> str:
        """The number as the tile says it: ``1,000+`` when there are more."""
        return f"{self.count:,}{'+' if self.many else ''}"


class HowMany(Subquery):
    """How many rows a queryset has, counted no further than one beyond COUNT_AT_MOST."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    empty_result_set_value = 0

    def __init__(self, rows: "QuerySet[Any]") -> None:
        bounded = rows.order_by().values("pk")[: COUNT_AT_MOST + 1]
        super().__init__(bounded, output_field=IntegerField())


def own_tasks(asker: Asker) -> Question:
    """Return what to ask: one row, how many steps one works on, has paused and may start.

    Ready are those assigned to the asker (``ready``) and those that nobody has (``free``).

    Uses index: idx_work_logs_open_user, idx_job_steps_assigned_status, idx_job_steps_dispatch.
    """
    user, steps = asker.user, JobStep.objects
    counted = User.objects.filter(pk=user.pk).annotate(
        in_progress=HowMany(steps.at_work(user)),
        paused=HowMany(steps.paused_for(user)),
        ready=HowMany(steps.ready_for(user)),
        free=HowMany(steps.ready_for_anyone(asker.processes)),
    )
    return Question(counted, ("in_progress", "paused", "ready", "free"))


def read_tiles(asker: Asker) -> tuple[Tile, ...]:
    """Return how many steps one works on, has paused and may start. Queries: 1."""
    together = Together({"tasks": own_tasks(asker)})
    return tiles_of(together.read("tasks", together.ask()["tasks"])[0])


def tiles_of(counts: Mapping[str, int]) -> tuple[Tile, ...]:
    """Return what was counted, as tiles: what goes on first."""
    return (
        _tile("in_progress", counts["in_progress"]),
        _tile("paused", counts["paused"]),
        _tile("ready", counts["ready"], counts["free"]),
    )


def _tile(status: str, *counts: int) -> Tile:
    many = any(each > COUNT_AT_MOST for each in counts)
    return Tile(status, sum(min(each, COUNT_AT_MOST) for each in counts), many)
