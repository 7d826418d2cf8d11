"""One's own password and PIN."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.generic import FormView

from apps.accounts import services
from apps.accounts.actors import actor
from apps.accounts.forms import OwnPasswordForm, OwnPinForm
from apps.core.addresses import client_address, limit_key

View = Callable[..., HttpResponseBase]


def needs_password(view: View) -> View:
    """Ask who is signed in with a badge or a PIN for the password first: it is the stronger."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if actor(request).at_terminal:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return login_required(shown)


@method_decorator(needs_password, name="dispatch")
class ChangePassword(auth.PasswordChangeView):
    """Changes one's own password."""

    template_name = "accounts/password.html"
    form_class = OwnPasswordForm
    success_url = reverse_lazy("password-changed")

    def get_form(self, form_class: Any = None) -> OwnPasswordForm:
        """Tell the form from where the old password is tried."""
        form = cast("OwnPasswordForm", super().get_form(form_class))
        form.address = limit_key(client_address(self.request))
        return form


class PasswordChanged(auth.PasswordChangeDoneView):
    """Says that it is done."""

    template_name = "accounts/password_changed.html"


@method_decorator(login_required, name="dispatch")
class ChoosePin(FormView):
    """Sets one's own PIN; it asks for the password itself."""

    template_name = "accounts/pin.html"
    form_class = OwnPinForm
    success_url = reverse_lazy("landing")

    def get_form_kwargs(self) -> dict[str, Any]:
        """Tell the form whose password is tried, and from where."""
        address = limit_key(client_address(self.request))
        return {**super().get_form_kwargs(), "user": actor(self.request), "address": address}

    def form_valid(self, form: OwnPinForm) -> HttpResponse:
        """Keep the PIN, and say so."""
        user = actor(self.request)
        services.choose_pin(form.cleaned_data["new_pin"], actor=user)
        update_session_auth_hash(self.request, user)  # This one goes on; at other terminals none.
        messages.success(self.request, _("Your PIN is set. It holds at every shared terminal."))
        return super().form_valid(form)


class ForgotPassword(auth.PasswordResetView):
    """Sends a link to set another password."""

    template_name = "accounts/forgot.html"
    email_template_name = "accounts/forgot_email.txt"
    subject_template_name = "accounts/forgot_subject.txt"
    success_url = reverse_lazy("password-forgot-sent")


class ForgotPasswordSent(auth.PasswordResetDoneView):
    """Says that a link is on its way, if there is such an address."""

    template_name = "accounts/forgot_sent.html"


class ResetPassword(auth.PasswordResetConfirmView):
    """Sets another password, by the link."""

    template_name = "accounts/reset.html"
    success_url = reverse_lazy("login")

    def form_valid(self, form: SetPasswordForm) -> HttpResponse:
        """Say at the sign-in that it is done."""
        messages.success(self.request, _("Your password is set. Sign in with it."))
        return super().form_valid(form)
