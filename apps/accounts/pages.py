"""Signing in and out, one's own password, and landing where one's role works."""

from django.contrib import messages
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy

from apps.accounts.actors import actor
from apps.accounts.models import Role

LANDINGS = {
    Role.Home.BOARD: "home",
    Role.Home.TASKS: "tasks",
    Role.Home.OFFICE: "admin:index",
}


class SignIn(auth.LoginView):
    template_name = "accounts/login.html"
    redirect_authenticated_user = True


class ChangePassword(auth.PasswordChangeView):
    template_name = "accounts/password.html"
    success_url = reverse_lazy("password-changed")


class PasswordChanged(auth.PasswordChangeDoneView):
    template_name = "accounts/password_changed.html"


class ForgotPassword(auth.PasswordResetView):
    template_name = "accounts/forgot.html"
    email_template_name = "accounts/forgot_email.txt"
    subject_template_name = "accounts/forgot_subject.txt"
    success_url = reverse_lazy("password-forgot-sent")


class ForgotPasswordSent(auth.PasswordResetDoneView):
    template_name = "accounts/forgot_sent.html"


class ResetPassword(auth.PasswordResetConfirmView):
    template_name = "accounts/reset.html"
    success_url = reverse_lazy("login")

    def form_valid(self, form: SetPasswordForm) -> HttpResponse:
        """Say at the sign-in that it is done."""
        messages.success(self.request, "Your password is set. Sign in with it.")
        return super().form_valid(form)


@login_required
def landing(request: HttpRequest) -> HttpResponse:
    """Send the signed-in to their role's home."""
    return redirect(LANDINGS[Role.Home(actor(request).role.home)])


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say in plain words that the page was open too long."""
    return render(request, "403_csrf.html", {"reason": reason}, status=403)
