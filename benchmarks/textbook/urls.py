"""Addresses of the textbook: its admin where ours is, its API beside it."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from benchmarks.textbook.admin import site
from benchmarks.textbook.api import VIEWS, BoardView, HelloView, TasksView

router = SimpleRouter()
for name, viewset in VIEWS.items():
    router.register(name, viewset, basename=name)

urlpatterns = [
    path("admin/", site.urls),
    path("api/hello/", HelloView.as_view()),
    path("api/board/", BoardView.as_view()),
    path("api/tasks/", TasksView.as_view()),
    path("api/", include(router.urls)),
]
