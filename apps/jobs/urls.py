"""Addresses of files."""

from django.urls import path

from apps.jobs import pages

urlpatterns = [path("<int:pk>/", pages.download, name="attachment-download")]
