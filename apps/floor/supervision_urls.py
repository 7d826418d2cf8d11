"""Addresses of the supervisor's floor."""

from django.urls import path

from apps.floor import supervision_pages as pages

urlpatterns = [
    path("", pages.floor, name="floor"),
    path("shift/", pages.shift, name="shift"),
    path("steps/<int:step_id>/", pages.step, name="floor-step"),
    path("steps/<int:step_id>/assign/", pages.assign, name="floor-assign"),
    path("steps/<int:step_id>/move/", pages.move, name="floor-move"),
    path("steps/<int:step_id>/prioritise/", pages.prioritise, name="floor-prioritise"),
    path("steps/<int:step_id>/skip/", pages.skip, name="floor-skip"),
    path("people/<int:person_id>/", pages.person, name="floor-person"),
    path("people/<int:person_id>/place/", pages.place, name="floor-place"),
    path("calls/<int:call_id>/answer/", pages.answer, name="floor-answer"),
    path("downtimes/<int:downtime_id>/end/", pages.bring_up, name="floor-up"),
]
