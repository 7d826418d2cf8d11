"""Addresses of the operators' pages."""

from django.urls import path

from apps.floor import pages

urlpatterns = [
    path("", pages.tasks, name="tasks"),
    path("scan/", pages.scan, name="task-scan"),
    path("machine/", pages.machine, name="task-machine"),
    path("machine/<int:machine_id>/down/", pages.take_down, name="machine-down"),
    path("machine/<int:machine_id>/up/", pages.bring_up, name="machine-up"),
    path("end/", pages.end_shift, name="end-of-shift"),
    path("<int:step_id>/", pages.task, name="task"),
    path("<int:step_id>/start/", pages.start, name="task-start"),
    path("<int:step_id>/kind/", pages.change_kind, name="task-kind"),
    path("<int:step_id>/still/", pages.still_working, name="task-still"),
    path("<int:step_id>/undo/", pages.undo, name="task-undo"),
    path("<int:step_id>/help/", pages.call_help, name="task-help"),
    *(
        path(f"<int:step_id>/{deed}/", page, name=f"task-{deed}")
        for deed, page in pages.quantities.items()
    ),
]
