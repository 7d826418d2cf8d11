"""The board's numbers."""

from django.http import HttpResponse
from rest_framework.request import Request

from apps.api.answers import answer
from apps.api.operations import operation
from apps.api.views import ApiView
from apps.dashboards import figures
from apps.dashboards.api.serializers import JobsByMonth, JobsByStatus, RecentJobs, Stats
from apps.jobs.api.jobs import JobView
from apps.jobs.api.rows import JobRow


class StatsView(ApiView):
    """How many there are of what."""

    @operation(tells=Stats)
    def get(self, request: Request) -> HttpResponse:
        """Count jobs, steps, machines, users, and the caller's own tasks."""
        self.asked()
        return answer(request._request, figures.stats(self.actor))


class RecentJobsView(ApiView):
    """The newest jobs."""

    @operation(tells=RecentJobs)
    def get(self, request: Request) -> HttpResponse:
        """List the ten jobs made last, of those that one may see. Queries: 1."""
        self.asked()
        shape = JobRow.shape()
        rows = JobView.listing.fetch(figures.recent_jobs(self.actor), shape.paths)
        return answer(request._request, {"results": [*map(shape.build, rows)]})


class JobsByStatusView(ApiView):
    """A chart's numbers."""

    @operation(tells=JobsByStatus)
    def get(self, request: Request) -> HttpResponse:
        """Count the jobs of each status, for who sees all jobs."""
        self.asked()
        counts = figures.jobs_by_status(self.actor)
        told = [{"status": status, "count": count} for status, count in counts.items()]
        return answer(request._request, {"results": told})


class JobsByMonthView(ApiView):
    """A chart's numbers."""

    @operation(tells=JobsByMonth)
    def get(self, request: Request) -> HttpResponse:
        """Count the jobs made and completed month by month, for who sees all jobs.

        Months begin and end by the shop's clock.
        """
        self.asked()
        counts = figures.jobs_by_month(self.actor)
        told = [
            {"month": month, "created": made, "completed": completed}
            for month, (made, completed) in counts.items()
        ]
        return answer(request._request, {"results": told})
