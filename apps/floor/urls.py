"""Addresses of the operators' pages."""

from django.urls import path

from apps.floor import pages

urlpatterns = [
    path("", pages.tasks, name="tasks"),
    path("<int:pk>/", pages.task, name="task"),
    path("<int:pk>/start/", pages.start, name="task-start"),
    path("<int:pk>/undo/", pages.undo, name="task-undo"),
    path("<int:pk>/help/", pages.call_help, name="task-help"),
    *(
        path(f"<int:pk>/{deed}/", pages.quantities, {"deed": deed}, name=f"task-{deed}")
        for deed in pages.DEEDS
    ),
]
