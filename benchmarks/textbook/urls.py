"""Addresses of the textbook: its admin where ours is, its API beside it."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from benchmarks.textbook.admin import site
from benchmarks.textbook.api import StepViewSet

router = SimpleRouter()
router.register("steps", StepViewSet)

urlpatterns = [path("admin/", site.urls), path("api/", include(router.urls))]
