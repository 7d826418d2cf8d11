"""The board's numbers."""

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from apps.api.answers import tell
from apps.api.operations import operation
from apps.api.views import ApiView
from apps.core.policies import require
from apps.dashboards.api import kept
from apps.dashboards.api.serializers import (
    JobsByMonth,
    JobsByStatus,
    LateJobs,
    LeadTimes,
    MachineLoads,
    RecentJobs,
    ScrapRates,
    Stats,
)
from apps.dashboards.asker import SEES_ALL, Asker
from apps.shop.selectors import today

MAY_NOT = _("You may not see all jobs.")


class StatsView(ApiView):
    """How many there are of what."""

    @operation(tells=Stats)
    def get(self, request: Request) -> HttpResponse:
        """Count jobs, steps, machines, users, and the caller's own tasks.

        Queries: 0 while nothing changes, else at most 2.
        """
        self.asked()
        return tell(request._request, kept.stats(Asker.of(self.actor)))


class RecentJobsView(ApiView):
    """The newest jobs."""

    @operation(tells=RecentJobs)
    def get(self, request: Request) -> HttpResponse:
        """List the ten jobs made last, of those that one may see.

        Queries: 0 while nothing changes, else 1.
        """
        self.asked()
        return tell(request._request, kept.recent_jobs(Asker.of(self.actor).scope))


class LateJobsView(ApiView):
    """Jobs past their due date."""

    @operation(tells=LateJobs)
    def get(self, request: Request) -> HttpResponse:
        """List the twenty jobs longest past their due date, of those that one may see.

        Late are active and held jobs. Days begin and end by the shop's clock.

        Queries: 0 while nothing changes, else 1.
        """
        self.asked()
        return tell(request._request, kept.late_jobs(Asker.of(self.actor).scope))


class ChartView(ApiView):
    """A chart's numbers, for who sees all jobs."""

    def permit(self) -> None:
        """Refuse unknown parameters, and who does not see all jobs. Raises: NotPermitted."""
        self.asked()
        require(self.actor, SEES_ALL, MAY_NOT)


class JobsByStatusView(ChartView):
    """A chart's numbers."""

    @operation(tells=JobsByStatus)
    def get(self, request: Request) -> HttpResponse:
        """Count the jobs of each status, for who sees all jobs.

        Queries: 0 while nothing changes, else 1.
        """
        self.permit()
        return tell(request._request, kept.jobs_by_status(None))


class JobsByMonthView(ChartView):
    """A chart's numbers."""

    @operation(tells=JobsByMonth)
    def get(self, request: Request) -> HttpResponse:
        """Count the jobs made and completed month by month, for who sees all jobs.

        Months begin and end by the shop's clock.

        Queries: 0 while nothing changes, else 1.
        """
        self.permit()
        return tell(request._request, kept.jobs_by_month(today()))


class LeadTimeView(ChartView):
    """A chart's numbers."""

    @operation(tells=LeadTimes)
    def get(self, request: Request) -> HttpResponse:
        """Tell in how many days jobs were done, month by month, for who sees all jobs.

        Lead time is from release to completion in whole days; a job counts in the month in which
        it was completed. `p50_days` is the least number of days within which at least half of
        them were done, `p90_days` the same of nine tenths (Hyndman and Fan 1996, definition 1).

        Queries: 0 while nothing changes, else 1.
        """
        self.permit()
        return tell(request._request, kept.lead_times(today()))


class MachineLoadView(ChartView):
    """A chart's numbers."""

    @operation(tells=MachineLoads)
    def get(self, request: Request) -> HttpResponse:
        """Tell what is planned for each machine in use, for who sees all jobs.

        What is planned and not begun, or paused, waits; drafts and held jobs are part of it.
        The machines for which most minutes wait come first.

        Queries: 0 while nothing changes, else 1.
        """
        self.permit()
        return tell(request._request, kept.machine_load(None))


class ScrapView(ChartView):
    """A chart's numbers."""

    @operation(tells=ScrapRates)
    def get(self, request: Request) -> HttpResponse:
        """Tell the rate of scrap by process and by month, for who sees all jobs.

        The rate is scrap over all that was made: good, scrap and rework (ISO 22400-2). A piece
        counts on the day on which the work on it ended, by the shop's clock; while it goes on, on
        that on which it began.

        Queries: 0 while nothing changes, else 1.
        """
        self.permit()
        return tell(request._request, kept.scrap(today()))
