"""Questions about users and roles, and about what they sign in with."""

from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from apps.accounts.roles import ADMINISTRATOR
from apps.accounts.states import EVERYWHERE, WRONG_PER_ADDRESS, WRONG_PER_NAME

if TYPE_CHECKING:
    from apps.accounts.models import (  # noqa: F401 - named in strings
        ApiSession,
        ApiToken,
        Role,
        SignInAttempts,
        Terminal,
        User,
    )


def badge_codes(said: str) -> set[str]:
    """Return what a badge may be registered as that says so: our labels put ``U-`` before it."""
    return {said, said.removeprefix("U-")} - {""}


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

    def claimed(self, said: str) -> Self:
        """Users whose badge says so, with or without the ``U-`` of our labels, or who are named so.

        Uses index: the unique ones of badge_code and username.
        """
        return self.filter(Q(badge_code__in=badge_codes(said)) | Q(username=said))

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


class ApiSessionQuerySet(models.QuerySet["ApiSession"]):
    """Questions about programs that signed in."""

    def locked(self) -> Self:
        """Lock the rows, in key order."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)

    def search(self, term: str) -> Self:
        """Sessions of the users whom the term finds."""
        users: Any = self.model._meta.get_field("user").related_model._default_manager
        return self.filter(user__in=users.search(term))

    def with_labels(self) -> Self:
        """Join what a list prints and what authentication looks at."""
        return self.select_related("user__role")


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Questions about machines' keys."""

    def locked(self) -> Self:
        """Lock the rows, in key order."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)

    def search(self, term: str) -> Self:
        """Tokens whose name holds the term, or that begin with it. A shop has dozens."""
        return self.filter(Q(name__icontains=term) | Q(prefix__startswith=term))

    def with_labels(self) -> Self:
        """Join what a list prints and what authentication looks at."""
        return self.select_related("user__role")


class TerminalQuerySet(models.QuerySet["Terminal"]):
    """Questions about shared terminals. A shop has a dozen."""

    def locked(self) -> Self:
        """Lock the rows, in key order."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)

    def search(self, term: str) -> Self:
        """Terminals whose name holds the term."""
        return self.filter(name__icontains=term)


class SignInAttemptsQuerySet(models.QuerySet["SignInAttempts"]):
    """Questions about wrong passwords."""

    def of(self, username: str, address: str) -> Self:
        """Those that a sign-in from the address is counted in."""
        return self.filter(username=username, address__in=[EVERYWHERE, address])

    def full(self) -> Self:
        """Those that let no password be tried now. Uses index: idx_sign_in_attempts_ends."""
        per_name = Q(address=EVERYWHERE, taken__gte=WRONG_PER_NAME)
        per_address = ~Q(address=EVERYWHERE) & Q(taken__gte=WRONG_PER_ADDRESS)
        return self.filter(per_name | per_address, window_ends_at__gt=Now())

    def search(self, term: str) -> Self:
        """Those of names that hold the term. Who is locked at one time are few."""
        return self.filter(username__contains=term.lower())

    def expired(self) -> Self:
        """Those that count no longer. Uses index: idx_sign_in_attempts_ends."""
        return self.filter(window_ends_at__lte=Now())
