"""Signing in and out, one's own password, and landing where one's role works."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy

from apps.accounts.actors import actor
from apps.accounts.forms import OwnPasswordForm, SignInForm
from apps.accounts.models import Role
from apps.core.addresses import client_address, limit_key

LANDINGS = {
    Role.Home.BOARD: "home",
    Role.Home.TASKS: "tasks",
    Role.Home.OFFICE: "admin:index",
}


class SignIn(auth.LoginView):
    template_name = "accounts/login.html"
    form_class = SignInForm
    redirect_authenticated_user = True

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Say what was wrong, and to programs when to come again."""
        response = super().form_invalid(form)
        locked = cast("SignInForm", form).locked
        if locked:
            response.status_code = locked.status
            response["Retry-After"] = str(locked.details["retry_after"])
        return response


class ChangePassword(auth.PasswordChangeView):
    template_name = "accounts/password.html"
    form_class = OwnPasswordForm
    success_url = reverse_lazy("password-changed")

    def get_form(self, form_class: Any = None) -> OwnPasswordForm:
        form = cast("OwnPasswordForm", super().get_form(form_class))
        form.address = limit_key(client_address(self.request))
        return form


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
