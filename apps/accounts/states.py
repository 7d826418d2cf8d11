"""What a sign-in may be used for, and what has become of it; of shared terminals too. Pure data."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

# Wrong passwords that are evaluated before a pause of SIGN_IN_WINDOW.
WRONG_PER_ADDRESS = 5
WRONG_PER_NAME = 50
SIGN_IN_WINDOW = timedelta(minutes=15)
EVERYWHERE = "*"  # In place of an address: a sign-in name's attempts from all of them.

# Seconds after which an untouched terminal may lock: time to read a drawing, no time to be robbed.
LOCK_AT_LEAST = 15
LOCK_AT_MOST = 3_600
# An untouched terminal locks itself; the server asks who is there after so long besides, so that
# a page whose network was gone for a while, with somebody at it, goes on.
LOCK_GRACE = timedelta(minutes=10)
SHIFT = timedelta(hours=12)  # The longest sign-in at a terminal.
LINK_HOLDS = timedelta(days=1)  # For the device to be fetched.


class Scope(models.TextChoices):
    """What an API token may be used for; never for more than its user may."""

    READ = "read", _("Read: see what the user sees")
    WORK = "work", _("Work: steps, tasks, help calls, downtimes")
    WRITE = "write", _("Write: everything the user may do")


# What a badge or PIN is enough for, besides the pages of the floor: none of the office's records.
TERMINAL_SCOPES = frozenset({Scope.READ.value, Scope.WORK.value})


class Revocation(models.TextChoices):
    """Why a program's sign-in ended before its time."""

    SIGNED_OUT = "signed_out", _("Signed out")
    REUSED = "reused", _("A used refresh token came again")
    OFFICE = "office", _("Signed out in the office")


class Standing(models.TextChoices):
    """Whether a program's sign-in counts, and if not, why."""

    GOOD = "good", _("Good")
    REVOKED = "revoked", _("Revoked")
    EXPIRED = "expired", _("Expired")
    INACTIVE_USER = "inactive_user", _("User is inactive")
    PASSWORD_CHANGED = "password_changed", _("Password was changed")


class TerminalState(models.TextChoices):
    """Whether a device is a shared terminal."""

    WAITING = "waiting", _("Waits for its device")
    IN_USE = "in_use", _("In use")
    REVOKED = "revoked", _("Revoked")
