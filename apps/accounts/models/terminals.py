"""Devices that people share."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from apps.accounts.querysets import TerminalQuerySet
from apps.accounts.states import LOCK_AT_LEAST, LOCK_AT_MOST, TerminalState
from apps.audit.triggers import audited
from apps.core.models import Record, raises_version


class Terminal(Record):
    """A shared terminal: one device of the shop, at which people sign in with a badge or a PIN.

    The device bears a secret in a signed cookie; ``secret_digest`` is its SHA-256, empty until a
    device is set up. The secret holds 256 random bits, so a slow hash would add nothing.
    """

    name = models.CharField(max_length=80, help_text=_("Where it stands, or what it is known by."))
    secret_digest = models.CharField(max_length=64, blank=True, editable=False)
    takes_badge_alone = models.BooleanField(
        _("takes a badge alone"),
        default=False,
        help_text=_(
            "A badge can be lost, lent or photographed: without a PIN, whoever holds it is its "
            "user here."
        ),
    )
    lock_after_seconds = models.PositiveIntegerField(
        _("locks after (seconds)"),
        default=120,
        validators=[MinValueValidator(LOCK_AT_LEAST), MaxValueValidator(LOCK_AT_MOST)],
        help_text=_("Untouched for so long, it signs its user out."),
    )
    is_active = models.BooleanField(default=True, editable=False)
    last_seen_at = models.DateTimeField(_("last sign-in"), null=True, blank=True, editable=False)

    objects = TerminalQuerySet.as_manager()

    class Meta:
        db_table = "terminals"
        verbose_name = "shared terminal"
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                name="terminals_name_uniq",
                violation_error_message=_("Another terminal has this name."),
            ),
            models.CheckConstraint(
                condition=Q(
                    lock_after_seconds__gte=LOCK_AT_LEAST, lock_after_seconds__lte=LOCK_AT_MOST
                ),
                name="terminals_lock_after_chk",
                violation_error_message=format_lazy(
                    _("A terminal locks after {least} to {most} seconds."),
                    least=LOCK_AT_LEAST,
                    most=LOCK_AT_MOST,
                ),
            ),
            models.CheckConstraint(
                condition=Q(is_active=True) | Q(secret_digest=""),
                name="terminals_revoked_chk",
                violation_error_message=_("A revoked terminal has no device."),
            ),
        ]
        triggers = [
            *raises_version("last_seen_at"),
            *audited(ignored=("last_seen_at",), secret=("secret_digest",)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> TerminalState:
        """Whether a device is this terminal."""
        if not self.is_active:
            return TerminalState.REVOKED
        return TerminalState.IN_USE if self.secret_digest else TerminalState.WAITING
