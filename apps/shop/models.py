"""The shop: one row of settings, its shifts and its holidays."""

from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.audit.triggers import audited
from apps.core.models import Record, raises_version
from apps.shop.querysets import HolidayQuerySet, ShiftQuerySet


def validate_time_zone(name: str) -> None:
    """Refuse a name that the time zone database does not know."""
    if name not in available_timezones():
        raise ValidationError(f"“{name}” is not a time zone. Write one like Europe/Istanbul.")


class Shop(Record):
    """The one row of settings."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    name = models.CharField(max_length=120, default="My shop")
    time_zone = models.CharField(
        max_length=64,
        default="UTC",
        validators=[validate_time_zone],
        help_text="“Today” and due dates are meant in this zone, such as Europe/Istanbul.",
    )
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        db_table = "shop"
        verbose_name_plural = "shop"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="shop_only_chk")]
        triggers = [*raises_version(), *audited()]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The shop's time zone."""
        return ZoneInfo(self.time_zone)


class Shift(Record):
    """A stretch of working hours, in the shop's time zone; it may end the next morning."""

    name = models.CharField(max_length=60, unique=True)
    starts_at = models.TimeField()
    ends_at = models.TimeField(help_text="Before the start means: the next morning.")
    is_active = models.BooleanField(default=True)

    objects = ShiftQuerySet.as_manager()

    class Meta:
        db_table = "shifts"
        ordering = ("starts_at",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(starts_at=models.F("ends_at")),
                name="shifts_length_chk",
                violation_error_message=_("A shift must end at another time than it starts."),
            )
        ]
        triggers = [*raises_version(), *audited()]

    def __str__(self) -> str:
        return self.name


class Holiday(Record):
    """A day on which the shop does not work."""

    date = models.DateField(unique=True)
    name = models.CharField(max_length=80)

    objects = HolidayQuerySet.as_manager()

    class Meta:
        db_table = "holidays"
        ordering = ("-date",)
        triggers = [*raises_version(), *audited()]

    def __str__(self) -> str:
        return f"{self.name} ({self.date})"
