"""Forms of signing in, and of users, roles and API tokens in the office."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    AuthenticationForm,
    PasswordChangeForm,
)
from django.contrib.auth.models import Permission
from django.core.validators import RegexValidator
from django.utils import timezone

from apps.accounts.errors import SignInLocked
from apps.accounts.models import ApiToken, Role, User
from apps.accounts.roles import HIDDEN_APPS
from apps.accounts.services import guarded
from apps.accounts.states import Scope
from apps.backoffice.forms import GuardedForm


class UserForm(GuardedForm):
    """A user; the password has a page of its own."""

    new_pin = forms.CharField(
        label="New PIN",
        required=False,
        max_length=8,
        validators=[RegexValidator(r"^\d{4,8}$", "A PIN is 4 to 8 digits.")],
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
        help_text="4 to 8 digits, for shared tablets. Left empty, it stays as it is.",
    )

    class Meta:
        model = User
        fields = ("username", "full_name", "role", "email", "phone", "badge_code", "is_active")


class RoleForm(GuardedForm):
    """A role with its permissions."""

    permissions = forms.ModelMultipleChoiceField(
        queryset=Permission.objects.exclude(content_type__app_label__in=HIDDEN_APPS).select_related(
            "content_type"
        ),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Administrators may do everything, whatever is chosen here.",
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


def in_a_year() -> datetime:
    """Return when a token expires unless something else is chosen."""
    return timezone.now() + timedelta(days=365)


class ApiTokenForm(GuardedForm):
    """A new API token."""

    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        initial=[Scope.READ],
        widget=forms.CheckboxSelectMultiple,
        help_text="Nothing is allowed that its user may not do.",
    )

    class Meta:
        model = ApiToken
        fields = ("user", "name", "scopes", "expires_at")
