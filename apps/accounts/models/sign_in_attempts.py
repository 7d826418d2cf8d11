"""How often someone tried a password in vain."""

from django.db import models

from apps.accounts.querysets import SignInAttemptsQuerySet
from apps.core.models import Record, raises_version


class SignInAttempts(Record):
    """Passwords tried for one sign-in name from one address, or from all (``EVERYWHERE``).

    ``username`` is lower-cased, and need not be anybody's. A try takes a slot before its
    password is looked at; ``taken`` begins anew when none was taken until ``window_ends_at``.
    """

    username = models.CharField("sign-in name", max_length=150)
    address = models.CharField(max_length=45, blank=True)
    taken = models.PositiveIntegerField("wrong passwords")
    window_ends_at = models.DateTimeField("locked until")

    objects = SignInAttemptsQuerySet.as_manager()

    class Meta:
        db_table = "sign_in_attempts"
        verbose_name = "locked sign-in"
        constraints = [
            models.UniqueConstraint(fields=["username", "address"], name="sign_in_attempts_uniq"),
        ]
        indexes = [
            models.Index(fields=["window_ends_at", "id"], name="idx_sign_in_attempts_ends"),
        ]
        triggers = raises_version("taken", "window_ends_at")

    def __str__(self) -> str:
        return self.username
