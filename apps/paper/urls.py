"""Addresses of paper."""

from django.urls import path

from apps.paper import pages

urlpatterns = [
    path("", pages.home, name="paper"),
    path("jobs/<int:pk>/", pages.job_paper, name="job-paper"),
    path("jobs/<int:pk>/traveller.pdf", pages.traveller, name="traveller"),
    path("jobs/<int:pk>/labels.pdf", pages.job_labels, name="job-labels"),
    path("steps/<int:pk>/label.pdf", pages.step_label, name="step-label"),
    path("machines/labels.pdf", pages.machine_labels, name="machine-labels"),
    path("machines/<int:pk>/label.pdf", pages.machine_label, name="machine-label"),
    path("users/<int:pk>/badge.pdf", pages.badge, name="badge"),
    path("actions.pdf", pages.action_sheet, name="action-sheet"),
    path("printouts/", pages.print_travellers, name="print-travellers"),
    path("printouts/<int:pk>/", pages.printout, name="printout"),
    path("printouts/<int:pk>/again/", pages.retry, name="printout-retry"),
    path("printouts/<int:pk>/travellers.pdf", pages.printout_file, name="printout-file"),
]
