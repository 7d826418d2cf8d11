"""Programs that signed in with a name and a password."""

import hashlib
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.crypto import constant_time_compare
from django.utils.functional import cached_property

from apps.accounts.models.users import User
from apps.accounts.querysets import ApiSessionQuerySet
from apps.accounts.states import Revocation, Standing
from apps.audit.triggers import audited
from apps.core.models import Record, raises_version

# What each refresh writes: of no interest to the trail, and it makes no form stale.
_KEPT_BY_REFRESHES = ("generation", "refreshed_at", "expires_at")


class ApiSession(Record):
    """One sign-in of a program, from the password to the last refresh.

    ``generation`` is that of the refresh token that counts; each refresh raises it.
    ``password_stamp`` stands for the password it was opened with: another password, and the
    session is over, whoever set it and by whatever door.
    """

    user = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="api_sessions",
        db_index=False,  # Covered by idx_api_sessions_user.
    )
    generation = models.PositiveIntegerField(default=1, db_default=1)
    password_stamp = models.CharField(max_length=32)
    address = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField("program", max_length=200, blank=True)
    refreshed_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_because = models.CharField(max_length=10, choices=Revocation, blank=True)

    objects = ApiSessionQuerySet.as_manager()

    class Meta:
        db_table = "api_sessions"
        verbose_name = "API session"
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_because__in=["", *Revocation.values]),
                name="api_sessions_because_chk",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_because="")
                | (Q(revoked_at__isnull=False) & ~Q(revoked_because="")),
                name="api_sessions_revoked_chk",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "id"], name="idx_api_sessions_user"),
            models.Index(fields=["expires_at"], name="idx_api_sessions_expires"),
        ]
        triggers = [
            *raises_version(*_KEPT_BY_REFRESHES),
            *audited(ignored=_KEPT_BY_REFRESHES, secret=("password_stamp",)),
        ]

    def __str__(self) -> str:
        return f"{self.user} from {self.address or 'an unknown address'}"

    def standing(self, now: datetime) -> Standing:
        """Whether the session counts. Queries: 0 after ``with_labels``."""
        if self.revoked_at is not None:
            return Standing.REVOKED
        if self.expires_at <= now:
            return Standing.EXPIRED
        if not self.user.is_active:
            return Standing.INACTIVE_USER
        return Standing.GOOD if self.is_of_this_password else Standing.PASSWORD_CHANGED

    @cached_property
    def is_of_this_password(self) -> bool:
        """Whether the user's password is still the one that it was opened with."""
        hashes = (
            self.user.get_session_auth_hash(),
            *self.user.get_session_auth_fallback_hash(),  # By SECRET_KEY_FALLBACKS.
        )
        return any(constant_time_compare(self.password_stamp, _stamp(each)) for each in hashes)


def password_stamp(user: User) -> str:
    """Return what stands for the user's present password."""
    return _stamp(user.get_session_auth_hash())


def _stamp(session_auth_hash: str) -> str:
    return hashlib.sha256(session_auth_hash.encode()).hexdigest()[:32]
