"""Users and their roles."""

from collections.abc import Iterator
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, Group
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from apps.accounts.counters import USERS_BY_ROLE
from apps.accounts.querysets import RoleQuerySet, UserManager
from apps.accounts.roles import ADMINISTRATOR
from apps.audit.triggers import audited
from apps.core.models import Record, raises_version
from apps.counters.triggers import counted

_PIN_SALT = "apps.accounts.session_hashes"


class Role(Record):
    """A named set of permissions, and what its users find after sign-in. Data, not code."""

    class Home(models.TextChoices):
        BOARD = "board", _("The board")
        TASKS = "tasks", _("My tasks")
        OFFICE = "office", _("The office")
        FLOOR = "floor", _("The floor")

    code = models.SlugField(unique=True, help_text="A short name that programs use.")
    name = models.CharField(max_length=80, unique=True)
    description = models.CharField(max_length=200, blank=True)
    home = models.CharField(max_length=10, choices=Home, default=Home.BOARD)
    has_office_access = models.BooleanField(
        "office access", default=False, help_text="May enter the office (the admin)."
    )
    group = models.OneToOneField(Group, on_delete=models.PROTECT, editable=False)

    objects = RoleQuerySet.as_manager()

    class Meta:
        db_table = "roles"
        ordering = ("name",)
        triggers = [*raises_version(), *audited()]

    def __str__(self) -> str:
        return self.name

    @property
    def is_administrator(self) -> bool:
        """Whether the role may do everything."""
        return self.code == ADMINISTRATOR


class RolePermission(Group.permissions.through):  # type: ignore[name-defined, misc]  # made by Django
    """One permission of a role's group, as Django keeps it."""

    class Meta:
        proxy = True
        default_permissions = ()
        triggers = audited()


class User(Record, AbstractUser):
    """Someone who signs in, with one role, from which every right comes.

    ``is_staff`` and ``is_superuser`` follow from the role and are no columns; ``groups`` and
    ``user_permissions`` do not exist, so that no right can come from elsewhere.
    """

    first_name = None  # type: ignore[assignment]  # one name is enough
    last_name = None  # type: ignore[assignment]
    date_joined = None  # type: ignore[assignment]  # created_at
    groups = None  # type: ignore[assignment]
    user_permissions = None  # type: ignore[assignment]

    full_name = models.CharField(max_length=150)
    full_name_lower = models.GeneratedField(
        expression=Lower("full_name"),
        output_field=models.CharField(max_length=150),
        db_persist=True,
        editable=False,
    )
    email = models.EmailField(  # type: ignore[assignment]  # noqa: DJ001 - unique where there is one
        null=True, blank=True
    )
    phone = models.CharField(max_length=40, blank=True)
    role = models.ForeignKey(
        Role,
        on_delete=models.PROTECT,
        related_name="users",
        db_index=False,  # Covered by idx_users_role.
    )
    badge_code = models.CharField(
        max_length=40, null=True, blank=True, unique=True, help_text="What the badge's code says."
    )
    pin = models.CharField(max_length=128, blank=True, editable=False, help_text="Hashed.")

    at_terminal = False
    """Whether they signed in with a badge or a PIN: enough for the floor, not for the office."""

    auth_hashes: tuple[tuple[str, ...], ...] = ()
    """What stands for the password, and for it with the PIN, where it was read from the cache."""

    role_permissions: frozenset[str] | None = None
    """What the role allows, as ``app.codename``, where it was asked for."""

    objects: ClassVar[UserManager] = UserManager()

    REQUIRED_FIELDS = ["email"]

    class Meta:
        db_table = "users"
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="users_email_uniq",
                violation_error_message=_("Another user has this e-mail address."),
            ),
            models.UniqueConstraint(
                Lower("username"),
                name="users_username_uniq",
                violation_error_message=_("Another user has this sign-in name."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["role", "full_name"], condition=Q(is_active=True), name="idx_users_role"
            ),
            models.Index(fields=["role"], name="idx_users_role_all"),
            models.Index(fields=["is_active", "full_name", "id"], name="idx_users_is_active"),
            models.Index(fields=["full_name", "id"], name="idx_users_full_name"),
            models.Index(
                fields=["full_name_lower"],
                opclasses=["varchar_pattern_ops"],
                name="idx_users_full_name_prefix",
            ),
        ]
        triggers = [
            *raises_version("password", "pin", "last_login", "full_name_lower"),
            *audited(ignored=("last_login",), secret=("password", "pin")),
            *counted(USERS_BY_ROLE),
        ]

    def __str__(self) -> str:
        return self.full_name or self.username

    @property
    def is_staff(self) -> bool:  # type: ignore[override]  # no column: the role says it
        """Whether the user may enter the office, as they are signed in."""
        if self.at_terminal:
            return False
        return self.role.has_office_access or self.role.is_administrator

    @property
    def is_superuser(self) -> bool:  # type: ignore[override]
        """Whether the user may do everything."""
        return self.role.is_administrator

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        """Whether the role holds the permission. Where that is known no backend is asked."""
        if self.role_permissions is None or obj is not None:
            return super().has_perm(perm, obj)
        return self.is_active and (perm in self.role_permissions or self.is_superuser)

    def set_password(self, raw_password: str | None) -> None:
        """Set another password, to be saved: what stood for the last one counts no more."""
        super().set_password(raw_password)
        self.auth_hashes = ()

    def get_session_auth_hash(self) -> str:
        """Return what stands for the password in sessions; at a terminal for the PIN too."""
        return self._session_hashes()[0]

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Yield what stood for it under the keys of SECRET_KEY_FALLBACKS."""
        yield from self._session_hashes()[1:]

    def session_hashes(self, *, with_pin: bool) -> tuple[str, ...]:
        """Return what stands for the password, and the PIN, by the present key and by each old."""
        hashes = super().get_session_auth_hash(), *super().get_session_auth_fallback_hash()
        if not with_pin:
            return hashes
        keys = (None, *settings.SECRET_KEY_FALLBACKS)
        pairs = zip(hashes, keys, strict=True)
        return tuple(
            salted_hmac(_PIN_SALT, f"{each}{self.pin}", secret=key, algorithm="sha256").hexdigest()
            for each, key in pairs
        )

    def _session_hashes(self) -> tuple[str, ...]:
        if self.auth_hashes:
            return self.auth_hashes[self.at_terminal]
        return self.session_hashes(with_pin=self.at_terminal)

    def get_full_name(self) -> str:
        """Return the name people call the user by."""
        return self.full_name

    def get_short_name(self) -> str:
        """Return the first word of the name."""
        return self.full_name.partition(" ")[0] or self.username

    def clean(self) -> None:
        """Normalise the sign-in name and e-mail."""
        super().clean()
        self.email = self.email or None
        self.badge_code = self.badge_code or None
