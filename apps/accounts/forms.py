"""Forms of users and roles in the office."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.contrib.auth.models import Permission
from django.core.validators import RegexValidator

from apps.accounts.models import Role, User
from apps.backoffice.forms import GuardedForm

# Django's own bookkeeping, of no meaning to a shop.
HIDDEN_APPS = ("admin", "auth", "contenttypes", "sessions", "silk")


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
