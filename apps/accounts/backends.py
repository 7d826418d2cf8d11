"""Signing in, and permissions that come from the role alone."""

from typing import Any, cast

from asgiref.sync import sync_to_async
from django.contrib.auth.backends import BaseBackend, ModelBackend
from django.contrib.auth.models import Permission
from django.http import HttpRequest

from apps.accounts.models import User
from apps.accounts.selectors import known_user, role_permissions
from apps.accounts.services import guarded
from apps.core.addresses import client_address, limit_key


class RoleBackend(ModelBackend):
    """Name and password as Django checks them, but not too often; rights from ``role.group``."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_: Any,
    ) -> User | None:
        """Return the active user with this name and password, at every door alike.

        An unknown name costs and answers what a wrong password does.

        Raises: SignInLocked.
        """
        if username is None or password is None:
            return None
        address = limit_key(client_address(request)) if request else ""
        check = super().authenticate
        return cast(
            "User | None",
            guarded(
                username, address, lambda: check(request, username=username, password=password)
            ),
        )

    async def aauthenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:  # type: ignore[override]  # as above
        """Go the same way: Django's own would go round it."""
        return await sync_to_async(self.authenticate)(request, **credentials)

    def get_user(self, user_id: int) -> User | None:
        """Return the signed-in user with their role. Queries: 0 while cached."""
        user = known_user(user_id)
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
        if user_obj.role_permissions is None:
            user_obj.role_permissions = self._load(user_obj)
        return set(user_obj.role_permissions)

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether the role holds the permission."""
        return perm in self.get_all_permissions(user_obj, obj)

    def _load(self, user: User) -> frozenset[str]:
        if not user.is_superuser:
            return role_permissions(user.role_id)
        every = Permission.objects.values_list("content_type__app_label", "codename")
        return frozenset(f"{app}.{codename}" for app, codename in every)


class TerminalBackend(BaseBackend):
    """Sessions that began with a badge or a PIN: the same users, but not for the office.

    It signs nobody in by itself and gives no rights: ``apps.accounts.terminals.sign_in`` names it
    in the session, and Django asks the backend of a session for its user.
    """

    def get_user(self, user_id: int) -> User | None:
        """Return the signed-in user with their role. Queries: 0 while cached."""
        user = RoleBackend().get_user(user_id)
        if user:
            user.at_terminal = True
        return user
