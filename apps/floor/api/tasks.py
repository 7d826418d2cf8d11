"""What to do next."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from apps.api.answers import answer
from apps.api.fetching import Fetch, Values
from apps.api.items import Nothing
from apps.api.operations import operation
from apps.api.views import WORK, ApiView
from apps.floor import selectors
from apps.floor.api.serializers import StepsPaused, Tasks
from apps.jobs import services
from apps.jobs.api.rows import JobStepRow
from apps.jobs.api.steps import JobStepView
from apps.jobs.models import JobStep
from apps.jobs.states import StepStatus

PUT_DOWN = (StepStatus.PAUSED, StepStatus.IN_PROGRESS)

_shape = JobStepRow.shape()
_steps = Fetch(JobStepView.listing.source)
_IN_ORDER = JobStep.objects.in_dispatch_order()


class TasksView(ApiView):
    """The caller's own work, as the task pages show it."""

    @operation(tells=Tasks)
    def get(self, request: Request) -> HttpResponse:
        """Tell what I work on, have paused, wait with, and may start next, in dispatch order.

        Bounded as the task page is: what comes after the first is told once they are taken.
        Queries: 2.
        """
        self.asked()
        lists = selectors.my_steps(self.actor)
        keys = [key for each in lists.values() for key in each]
        rows = {row["id"]: row for row in map(_shape.build, _read(keys))}
        in_progress = [rows.pop(key) for key in lists["running"] if key in rows]
        first, has_more = selectors.first_of(_of(rows, lists["ready"]))
        waiting = _of(rows, [*lists["waiting"], *lists["machine_down"]])
        told = {
            "in_progress": in_progress,
            "paused": [row for row in waiting if row["status"] in PUT_DOWN],
            "waiting": [row for row in waiting if row["status"] not in PUT_DOWN],
            "ready": first,
            "has_more": has_more,
        }
        return answer(request._request, told)


def _read(keys: Sequence[int]) -> list[Values]:
    return _steps.of_keys(keys, _IN_ORDER, _shape.paths)


def _of(rows: Mapping[int, Any], keys: Collection[int]) -> list[Any]:
    """Return those of the rows that have the keys, in the rows' order."""
    chosen = set(keys)
    return [row for key, row in rows.items() if key in chosen]


class EndView(ApiView):
    """The end of the caller's shift."""

    scopes = {"post": WORK}

    @operation(tells=StepsPaused)
    def post(self, request: Request) -> HttpResponse:
        """Pause all that I work on; what others work on with me goes on. None or all."""
        self.read(Nothing)
        held = [step.pk for step in services.pause_all(actor=self.actor)]
        shape = JobStepRow.shape()
        steps = JobStep.objects.filter(pk__in=held).order_by("pk")
        rows = [*map(shape.build, JobStepView.listing.fetch(steps, shape.paths))]
        return answer(request._request, {"steps": rows})
