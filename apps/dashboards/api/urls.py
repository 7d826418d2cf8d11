"""Addresses of the board's numbers, and of the search."""

from django.urls import path

from apps.dashboards.api import views
from apps.dashboards.api.search import SearchView

urlpatterns = [
    path("dashboard/stats/", views.StatsView.as_view(), name="api-stats"),
    path("dashboard/recent-jobs/", views.RecentJobsView.as_view(), name="api-recent-jobs"),
    path(
        "dashboard/charts/jobs-by-status/",
        views.JobsByStatusView.as_view(),
        name="api-jobs-by-status",
    ),
    path(
        "dashboard/charts/jobs-by-month/",
        views.JobsByMonthView.as_view(),
        name="api-jobs-by-month",
    ),
    path("dashboard/charts/lead-time/", views.LeadTimeView.as_view(), name="api-lead-time"),
    path("dashboard/charts/machine-load/", views.MachineLoadView.as_view(), name="api-load"),
    path("dashboard/charts/scrap/", views.ScrapView.as_view(), name="api-scrap"),
    path("dashboard/late-jobs/", views.LateJobsView.as_view(), name="api-late-jobs"),
    path("search/", SearchView.as_view(), name="api-search"),
]
