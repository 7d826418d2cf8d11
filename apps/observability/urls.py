"""The address of the page that tells how the installation is."""

from django.urls import path

from apps.observability import pages

urlpatterns = [path("", pages.health, name="health")]
