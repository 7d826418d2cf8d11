"""Signing in, and permissions that come from the role alone."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission

from apps.accounts.models import User
from apps.accounts.selectors import role_permissions


class RoleBackend(ModelBackend):
    """Name and password as Django checks them; rights from ``role.group``."""

    def get_user(self, user_id: int) -> User | None:
        """Return the signed-in user with their role. Queries: 1."""
        user = User.objects.with_labels().filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:  # noqa: ARG002 - Django's signature
        """Return nothing: nobody has rights of their own."""
        return set()

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return the role's permissions; none on single objects."""
        return self.get_all_permissions(user_obj, obj)

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return the role's permissions. Queries: 0 while cached."""
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        if not hasattr(user_obj, "_role_permissions"):
            user_obj._role_permissions = self._load(user_obj)
        return set(user_obj._role_permissions)

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether the role holds the permission."""
        return perm in self.get_all_permissions(user_obj, obj)

    def _load(self, user: User) -> frozenset[str]:
        if not user.is_superuser:
            return role_permissions(user.role_id)
        every = Permission.objects.values_list("content_type__app_label", "codename")
        return frozenset(f"{app}.{codename}" for app, codename in every)
