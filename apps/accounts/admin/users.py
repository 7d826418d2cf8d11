"""Users and roles."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.forms import ModelForm
from django.http import HttpRequest

from apps.accounts import services
from apps.accounts.actors import actor
from apps.accounts.forms import PasswordForm, RoleForm, UserForm
from apps.accounts.models import Role, RolePermission, User
from apps.backoffice.admin import ScalableAdmin
from apps.backoffice.history import Parts

admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(ScalableAdmin, DjangoUserAdmin):
    form = UserForm
    add_form = UserForm
    change_password_form = PasswordForm
    list_display = ("full_name", "username", "role", "email", "badge_code", "is_active")
    list_select_related = ("role",)
    list_filter = (("role", admin.RelatedFieldListFilter), "is_active")
    sortable_by = ("full_name",)
    ordering = ("full_name",)
    search_fields = ("full_name",)
    search_help_text = "The start of a name or sign-in name, or a badge"
    autocomplete_fields = ("role",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "created_at", "updated_at")
    fieldsets = (
        (None, {"fields": ("username", "full_name", "role", "is_active")}),
        ("Contact", {"fields": ("email", "phone")}),
        ("On the floor", {"fields": ("badge_code", "new_pin")}),
        ("Times", {"fields": ("last_login", "created_at", "updated_at")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "full_name", "role", "email", "phone")}),
        ("On the floor", {"fields": ("badge_code", "new_pin")}),
    )

    def lock_first(self, request: HttpRequest, object_id: str) -> None:
        services.lock_administrators()

    def store(self, request: HttpRequest, obj: User, fields: list[str], *, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        if fields or not change:
            services.save_user(obj, actor=actor(request), fields=fields)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        services.delete_user(obj, actor=actor(request))

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.cleaned_data.get("new_pin"):
            services.set_pin(obj, form.cleaned_data["new_pin"], actor=actor(request))


@admin.register(Role)
class RoleAdmin(ScalableAdmin):
    form = RoleForm
    list_display = ("name", "description", "home", "has_office_access")
    ordering = ("name",)
    search_fields = ("name",)
    fields = ("name", "description", "home", "has_office_access", "permissions")

    def save_model(self, request: HttpRequest, obj: Role, form: ModelForm, change: bool) -> None:
        columns = [
            name for name in form.changed_data if name in {f.name for f in Role._meta.fields}
        ]
        services.save_role(
            obj,
            actor=actor(request),
            permissions=form.cleaned_data["permissions"],
            fields=columns or ["name"],
        )

    def parts(self, record: Role) -> Iterable[Parts]:
        """Tell what the role may do with it: its permissions, and its rights to processes."""
        rights = Role._meta.get_field("process_permissions")
        yield Parts(RolePermission, "group_id", record.group_id)
        yield Parts(rights.related_model, rights.field.column, record.pk)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        services.delete_role(obj, actor=actor(request))
