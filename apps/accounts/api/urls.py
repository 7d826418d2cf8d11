"""Addresses of signing in, of users and of roles."""

from django.urls import path

from apps.accounts.api import views
from apps.accounts.api.roles import RoleView
from apps.accounts.api.users import UserView
from apps.api.addresses import records

urlpatterns = [
    path("auth/token/", views.SignInView.as_view(), name="api-token"),
    path("auth/token/refresh/", views.RefreshView.as_view(), name="api-token-refresh"),
    path("auth/logout/", views.SignOutView.as_view(), name="api-logout"),
    path("auth/me/", views.MeView.as_view(), name="api-me"),
    *records("users", UserView),
    *records("roles", RoleView),
]
