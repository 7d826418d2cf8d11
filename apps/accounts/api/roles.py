"""Roles, with what they may do."""

from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Value
from django.db.models.functions import Concat
from rest_framework import serializers

from apps.accounts import services
from apps.accounts.models import Role, RolePermission
from apps.accounts.selectors import permissions_named
from apps.api.filters import text
from apps.api.items import ModelItem
from apps.api.records import Changes, Creates, Deletes, put
from apps.api.rows import Row


class Permissions(serializers.ListField):
    """Permissions by their names, ``app.codename``."""

    child = serializers.CharField(max_length=200)

    def to_internal_value(self, data: Any) -> list[Permission]:
        """Return the permissions. Raises: ValidationError, at each unknown name. Queries: 1."""
        names = super().to_internal_value(data)
        found = permissions_named(names)
        unknown: Any = {
            place: [f"There is no permission {name}."]
            for place, name in enumerate(names)
            if name not in found
        }
        if unknown:
            raise serializers.ValidationError(unknown, "does_not_exist")
        return list(found.values())


class RoleRow(Row):
    permissions = serializers.ListField(
        child=serializers.CharField(),
        source="permission_names",
        help_text="As `app.codename`, sorted. Administrators may do everything, whatever is here.",
    )

    class Meta:
        model = Role
        fields = (
            "id",
            "code",
            "name",
            "description",
            "home",
            "has_office_access",
            "permissions",
            "created_at",
            "updated_at",
            "version",
        )


class RoleChange(ModelItem):
    permissions = Permissions(required=False, help_text="All of them, as `app.codename`.")

    class Meta:
        model = Role
        fields: tuple[str, ...] = (
            "name",
            "description",
            "home",
            "has_office_access",
            "permissions",
        )


class RoleItem(RoleChange):
    class Meta(RoleChange.Meta):
        fields = ("code", *RoleChange.Meta.fields)
        extra_kwargs = {"code": {"required": False, "help_text": "Left out: made of the name."}}


class RoleView(Creates[Role], Changes[Role], Deletes[Role]):
    """What users may do, and what they find after they signed in."""

    model, row, item, change_item = Role, RoleRow, RoleItem, RoleChange
    searched = True
    orderings = {"id": ("pk",), "name": ("name",), "code": ("code",)}
    filters = {"code": text(), "name": text()}

    @classmethod
    def told_rows(cls, rows: QuerySet[Any, Any]) -> Any:
        kept = RolePermission._default_manager.filter(group=OuterRef("group"))
        named = kept.values(
            name=Concat("permission__content_type__app_label", Value("."), "permission__codename")
        )
        return rows.annotate(permission_names=ArraySubquery(named.order_by("name")))

    def make(self, data: dict[str, Any]) -> Role:
        permissions = data.pop("permissions", ())
        role = Role(**data)
        services.save_role(role, actor=self.actor, permissions=permissions)
        return role

    def change(self, record: Role, data: dict[str, Any]) -> None:
        permissions = data.pop("permissions", None)
        changed = put(record, data)
        if changed or permissions is not None:
            services.save_role(record, actor=self.actor, permissions=permissions, fields=changed)

    def remove(self, record: Role) -> None:
        services.delete_role(record, actor=self.actor)
