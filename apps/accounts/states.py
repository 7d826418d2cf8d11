"""What a program's sign-in may be used for, and what has become of it. Pure data."""

from datetime import timedelta

from django.db import models

# Wrong passwords that are evaluated before a pause of SIGN_IN_WINDOW.
WRONG_PER_ADDRESS = 5
WRONG_PER_NAME = 50
SIGN_IN_WINDOW = timedelta(minutes=15)
EVERYWHERE = "*"  # In place of an address: a sign-in name's attempts from all of them.


class Scope(models.TextChoices):
    """What an API token may be used for; never for more than its user may."""

    READ = "read", "Read: see what the user sees"
    WORK = "work", "Work: steps, tasks, help calls, downtimes"
    WRITE = "write", "Write: everything the user may do"


class Revocation(models.TextChoices):
    """Why a program's sign-in ended before its time."""

    SIGNED_OUT = "signed_out", "Signed out"
    REUSED = "reused", "A used refresh token came again"
    OFFICE = "office", "Signed out in the office"


class Standing(models.TextChoices):
    """Whether a program's sign-in counts, and if not, why."""

    GOOD = "good", "Good"
    REVOKED = "revoked", "Revoked"
    EXPIRED = "expired", "Expired"
    INACTIVE_USER = "inactive_user", "User is inactive"
    PASSWORD_CHANGED = "password_changed", "Password was changed"
