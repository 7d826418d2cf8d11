"""Questions about users and roles."""

from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models
from django.db.models import Q

from apps.accounts.roles import ADMINISTRATOR

if TYPE_CHECKING:
    from apps.accounts.models import (  # noqa: F401 - named in strings
        Role,
        User,
    )


class RoleQuerySet(models.QuerySet["Role"]):
    """Questions about roles."""

    def search(self, term: str) -> Self:
        """Roles whose name holds the term. A shop has a dozen roles."""
        return self.filter(name__icontains=term)


class UserQuerySet(models.QuerySet["User"]):
    """Questions about users."""

    def active(self) -> Self:
        """Users who may sign in."""
        return self.filter(is_active=True)

    def search(self, term: str) -> Self:
        """Users by the start of their name, sign-in name or badge.

        Uses index: idx_users_full_name_prefix, the unique ones of username and badge_code.
        """
        return self.filter(
            Q(username__startswith=term)
            | Q(full_name_lower__startswith=term.lower())
            | Q(badge_code=term)
        )

    def visible_to(self, user: "User") -> Self:
        """All with ``accounts.view_user``, else oneself."""
        if user.has_perm("accounts.view_user"):
            return self.all()
        return self.filter(pk=user.pk)

    def with_labels(self) -> Self:
        """Join what every list of users prints."""
        return self.select_related("role")


class UserManager(DjangoUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]  # a class made by a call
    """Users; what Django's commands create is an administrator through its role."""

    use_in_migrations = False

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **extra: Any
    ) -> "User":
        """Create an administrator. Needs the seeded roles (``manage.py set_up``)."""
        roles = self.model._meta.get_field("role").related_model._default_manager
        user: User = self.model(
            username=username,
            email=email or None,
            full_name=extra.pop("full_name", username),
            role=roles.get(code=ADMINISTRATOR),
            **extra,
        )
        user.set_password(password)
        user.save(force_insert=True)
        return user
