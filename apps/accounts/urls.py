"""Addresses of signing in and out."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from apps.accounts import pages

urlpatterns = [
    path("login/", pages.SignIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("landing/", pages.landing, name="landing"),
    path("terminal/", pages.who_is_here, name="terminal"),
    path("terminal/lock/", pages.lock, name="terminal-lock"),
    path("terminal/set-up/", pages.set_up_here, name="terminal-set-up"),
    path("terminal/set-up/<str:token>/", pages.set_up, name="terminal-link"),
    path("pin/", pages.ChoosePin.as_view(), name="pin"),
    path("password/", pages.ChangePassword.as_view(), name="password"),
    path("password/changed/", pages.PasswordChanged.as_view(), name="password-changed"),
    path("password/forgot/", pages.ForgotPassword.as_view(), name="password-forgot"),
    path("password/forgot/sent/", pages.ForgotPasswordSent.as_view(), name="password-forgot-sent"),
    path(
        "password/reset/<uidb64>/<token>/",
        pages.ResetPassword.as_view(),
        name="password_reset_confirm",
    ),
]
