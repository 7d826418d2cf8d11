"""Addresses of the board."""

from django.urls import path

from apps.dashboards import pages

urlpatterns = [
    path("", pages.home, name="home"),
    path("board/", pages.live, name="board-live"),
    path("favicon.ico", pages.favicon, name="favicon"),
]
