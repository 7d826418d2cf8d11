"""Addresses of health."""

from django.urls import path

from apps.observability.api import views

urlpatterns = [
    path("health/", views.HealthView.as_view(), name="api-health"),
    path("health/db/", views.DatabaseView.as_view(), name="api-health-db"),
    path("health/db/test/", views.DatabaseTestView.as_view(), name="api-health-db-test"),
    path("health/cache/", views.CacheView.as_view(), name="api-health-cache"),
    path("health/cache/clear/", views.CacheClearView.as_view(), name="api-health-cache-clear"),
]
