"""Keys that machines sign in with."""

import hashlib
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.users import User
from apps.accounts.querysets import ApiTokenQuerySet
from apps.accounts.states import Scope, Standing
from apps.audit.triggers import audited
from apps.core.models import Record, raises_version

PREFIX = "andon_"  # By which a token is told from others, by us and by who looks for lost ones.
PREFIX_SHOWN = len(PREFIX) + 4


class ApiToken(Record):
    """A machine's key: it acts as its user, within its scopes, until it expires or is revoked.

    The token itself is shown once and kept nowhere: ``digest`` is its SHA-256, ``prefix`` what
    people know it by. It holds 256 random bits, so a salt or a slow hash would add nothing.
    """

    user = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="api_tokens",
        db_index=False,  # Covered by idx_api_tokens_user.
        help_text="Whom it acts as. A user of its own for each machine tells them apart.",
    )
    name = models.CharField(max_length=80, help_text="What it is for, and where it is kept.")
    prefix = models.CharField("begins with", max_length=12, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope), size=len(Scope))
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField("last used", null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        db_index=False,  # Covered by idx_api_tokens_created_by.
    )

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        db_table = "api_tokens"
        verbose_name = "API token"
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="api_tokens_digest_uniq"),
            models.CheckConstraint(
                condition=Q(scopes__contained_by=list(Scope.values)) & ~Q(scopes=[]),
                name="api_tokens_scopes_chk",
                violation_error_message=_("Choose at least one of read, work and write."),
            ),
        ]
        indexes = [
            models.Index(fields=["user", "id"], name="idx_api_tokens_user"),
            models.Index(fields=["created_by"], name="idx_api_tokens_created_by"),
        ]
        triggers = [
            *raises_version("last_used_at"),
            *audited(ignored=("last_used_at",), secret=("digest",)),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def standing(self, now: datetime) -> Standing:
        """Whether the token counts. Queries: 0 after ``with_labels``."""
        if self.revoked_at is not None:
            return Standing.REVOKED
        if self.expires_at <= now:
            return Standing.EXPIRED
        return Standing.GOOD if self.user.is_active else Standing.INACTIVE_USER


def digest(plain: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(plain.encode()).hexdigest()
