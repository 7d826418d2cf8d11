"""Signing in with a name and a password, and landing where one's role works."""

from typing import Any, cast

from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from apps.accounts.actors import actor
from apps.accounts.forms import SignInForm
from apps.accounts.homes import home_of
from apps.accounts.terminals import begin_at, terminal_of

WITH_PASSWORD = {"with": "password"}  # In an address: the form, at a terminal too.


class SignIn(auth.LoginView):
    """Asks for name and password; at a terminal, where a PIN does, only who needs more."""

    template_name = "accounts/login.html"
    form_class = SignInForm

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Ask those again who are signed in with a badge or a PIN alone."""
        super().setup(request, *args, **kwargs)
        self.at_terminal: bool = getattr(request.user, "at_terminal", False)
        self.redirect_authenticated_user = not self.at_terminal

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form, or lead to the terminal's own page."""
        is_wanted = self.at_terminal or request.GET.get("with") == WITH_PASSWORD["with"]
        if is_wanted or terminal_of(request) is None:
            return super().get(request, *args, **kwargs)
        wanted = self.get_redirect_url()
        query = f"?{urlencode({self.redirect_field_name: wanted})}" if wanted else ""
        return redirect(f"{reverse('terminal')}{query}")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whether a PIN was not enough."""
        return super().get_context_data(at_terminal=self.at_terminal, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        """Name who is signed in already."""
        name = actor(self.request).get_username() if self.at_terminal else ""
        return {**super().get_initial(), "username": name}

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Begin a session in which nothing is left of one by badge or PIN."""
        if self.at_terminal:
            self.request.session.flush()
        response = super().form_valid(form)
        if terminal := terminal_of(self.request):
            begin_at(self.request, terminal)
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Say what was wrong, and to programs when to come again."""
        response = super().form_invalid(form)
        locked = cast("SignInForm", form).locked
        if locked:
            response.status_code = locked.status
            response["Retry-After"] = str(locked.details["retry_after"])
        return response


@login_required
def landing(request: HttpRequest) -> HttpResponse:
    """Send the signed-in to their role's home."""
    return redirect(home_of(actor(request)))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say in plain words that the page was open too long."""
    return render(request, "403_csrf.html", {"reason": reason}, status=403)
