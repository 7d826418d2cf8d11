"""What to do next."""

from django.http import HttpResponse
from rest_framework.request import Request

from apps.api.answers import answer
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


class TasksView(ApiView):
    """The caller's own work, as the task pages show it."""

    @operation(tells=Tasks)
    def get(self, request: Request) -> HttpResponse:
        """Tell what I work on, have paused, and may start next, in dispatch order.

        Bounded as the task page is: what comes after the first is told once they are taken.
        Queries: 2.
        """
        self.asked()
        running, steps = selectors.my_steps(self.actor)
        shape = JobStepRow.shape()
        rows = [*map(shape.build, JobStepView.listing.fetch(steps, shape.paths))]
        by_key = {row["id"]: row for row in rows}
        in_progress = [by_key.pop(key) for key in running if key in by_key]
        ready = [row for row in by_key.values() if row["status"] == StepStatus.READY]
        paused = [row for row in by_key.values() if row["status"] != StepStatus.READY]
        first, has_more = selectors.first_of(ready)
        told = {"in_progress": in_progress, "paused": paused, "ready": first, "has_more": has_more}
        return answer(request._request, told)


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
