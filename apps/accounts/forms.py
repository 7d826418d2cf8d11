"""Forms of signing in, and of users, roles and API tokens in the office."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    AuthenticationForm,
    PasswordChangeForm,
)
from django.contrib.auth.models import Permission
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts import pins
from apps.accounts.errors import SignInLocked
from apps.accounts.models import ApiToken, Role, Terminal, User
from apps.accounts.roles import HIDDEN_APPS
from apps.accounts.services import guarded
from apps.accounts.states import Scope
from apps.backoffice.forms import GuardedForm
from apps.core.errors import DomainError, Invalid


class UserForm(GuardedForm):
    """A user; the password has a page of its own."""

    new_pin = forms.CharField(
        label=_("New PIN"),
        required=False,
        max_length=8,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
        help_text=_("4 to 8 digits, for shared terminals. Left empty, it stays as it is."),
    )

    class Meta:
        model = User
        fields = ("username", "full_name", "role", "email", "phone", "badge_code", "is_active")

    def clean_new_pin(self) -> str:
        """Refuse a PIN that is none, or too easily guessed, beside its field."""
        return _good_pin(self.cleaned_data["new_pin"])


class RoleForm(GuardedForm):
    """A role with its permissions."""

    permissions = forms.ModelMultipleChoiceField(
        queryset=Permission.objects.exclude(content_type__app_label__in=HIDDEN_APPS).select_related(
            "content_type"
        ),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Administrators may do everything, whatever is chosen here."),
    )

    class Meta:
        model = Role
        fields = ("name", "description", "home", "has_office_access")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["permissions"] = list(
                self.instance.group.permissions.values_list("pk", flat=True)
            )


class PasswordForm(AdminPasswordChangeForm):
    """Sets a password, and writes no other column."""

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """Store the new password."""
        user = super().save(commit=False)
        if commit:
            user.save(update_fields=["password"])
        return user


class SignInForm(AuthenticationForm):
    """Name and password; too many wrong ones are told in words, with the name still there."""

    locked: SignInLocked | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.initial.get("username"):  # Known, so that the password is all that is missing.
            self.fields["username"].widget.attrs.pop("autofocus", None)
            self.fields["password"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        """Ask for the user."""
        try:
            return super().clean()
        except SignInLocked as refusal:
            self.locked = refusal
            raise forms.ValidationError(refusal.message, refusal.code) from refusal


class OwnPasswordForm(PasswordChangeForm):
    """One's own password: the old one is guarded against guessing, as at the sign-in."""

    address = ""

    def clean_old_password(self) -> str:
        """Check the old password, while there are slots."""
        try:
            return guarded(self.user.get_username(), self.address, self._check) or ""
        except SignInLocked as refusal:
            raise forms.ValidationError(refusal.message, refusal.code) from refusal

    def _check(self) -> str:
        old: str = super().clean_old_password()
        return old


class OwnPinForm(forms.Form):
    """One's own PIN: behind one's password, which is guarded against guessing."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
    new_pin = forms.CharField(
        label=_("New PIN"),
        max_length=8,
        help_text=_("4 to 8 digits, without repeats or straight runs."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )
    new_pin_again = forms.CharField(
        label=_("New PIN again"),
        max_length=8,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, user: User, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.address = user, address

    def clean_password(self) -> str:
        """Check the password, while there are slots."""
        said: str = self.cleaned_data["password"]
        try:
            is_right = guarded(
                self.user.get_username(), self.address, lambda: self.user.check_password(said)
            )
        except SignInLocked as refusal:
            raise forms.ValidationError(refusal.message, refusal.code) from refusal
        if not is_right:
            raise forms.ValidationError(_("That is not your password."), "password_incorrect")
        return said

    def clean_new_pin(self) -> str:
        """Refuse a PIN that is none, or too easily guessed."""
        return _good_pin(self.cleaned_data["new_pin"])

    def clean_new_pin_again(self) -> str:
        """Refuse what was typed otherwise the second time."""
        again: str = self.cleaned_data["new_pin_again"]
        if again != self.cleaned_data.get("new_pin", again):
            raise forms.ValidationError(_("The two PINs are not the same."), "pin_mismatch")
        return again


def _good_pin(pin: str) -> str:
    if pin:
        try:
            pins.require_good(pin, field="new_pin")
        except Invalid as refusal:
            raise forms.ValidationError(refusal.message, refusal.code) from refusal
    return pin


class TerminalSignInForm(forms.Form):
    """Who is here: a name that is offered or a badge, and a PIN."""

    user = forms.IntegerField(required=False, min_value=1)
    badge = forms.CharField(
        label=_("Badge or sign-in name"),
        required=False,
        max_length=150,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    pin = forms.CharField(
        label=_("PIN"),
        required=False,
        max_length=8,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "off", "inputmode": "numeric", "pattern": "[0-9]*"}
        ),
    )

    def __init__(self, *args: Any, terminal: Terminal, people: Sequence[User], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.terminal, self.people = terminal, people
        self.locked: SignInLocked | None = None

    @property
    def chosen(self) -> str:
        """The key of whose name is pressed."""
        return str(self["user"].value() or "")

    def clean(self) -> dict[str, Any]:
        """Ask for what is missing: before any is looked at, and of everyone alike."""
        said = self.cleaned_data
        badge = said.get("badge")
        if not badge and not said.get("user"):
            self.add_error("badge", _("Who are you? Choose your name, or scan your badge."))
        elif not said.get("pin") and not (badge and self.terminal.takes_badge_alone):
            self.add_error("pin", _("Type your PIN."))
        return said

    def refuse(self, refusal: DomainError) -> None:
        """Say what was refused, with everything but the PIN still there."""
        self.add_error(None, refusal.message)
        self.locked = refusal if isinstance(refusal, SignInLocked) else None


class TerminalForm(forms.Form):
    """The name of the terminal that a device is to be."""

    name = forms.CharField(
        label=_("Name of this terminal"),
        max_length=80,
        help_text=_(
            "Where it stands, or what it is known by. Where there is one of that name, "
            "this device takes its place."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )


def in_a_year() -> datetime:
    """Return when a token expires unless something else is chosen."""
    return timezone.now() + timedelta(days=365)


class ApiTokenForm(GuardedForm):
    """A new API token."""

    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        initial=[Scope.READ],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nothing is allowed that its user may not do."),
    )

    class Meta:
        model = ApiToken
        fields = ("user", "name", "scopes", "expires_at")
