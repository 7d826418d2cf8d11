"""Machines, when they were down, and why."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from apps.audit.triggers import audited
from apps.core.models import Record, raises_version
from apps.counters.triggers import counted
from apps.machines.counters import MACHINES_BY_STATUS
from apps.machines.querysets import DowntimeQuerySet, MachineQuerySet, ReasonQuerySet
from apps.machines.states import MachineStatus, ReasonKind
from apps.processes.models import Process


class Machine(Record):
    """Where a step runs."""

    code = models.CharField(max_length=40, unique=True)
    external_id = models.CharField(  # noqa: DJ001 - unique where there is one
        max_length=80,
        null=True,
        blank=True,
        help_text="The key another system knows it by.",
    )
    name = models.CharField(max_length=120)
    processes = models.ManyToManyField(
        Process,
        blank=True,
        related_name="machines",
        db_table="machine_processes",
        help_text="What the machine can do.",
    )
    status = models.CharField(
        max_length=10, choices=MachineStatus, default=MachineStatus.IDLE, editable=False
    )
    capacity = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Steps at once; empty means unlimited."
    )
    running_steps = models.PositiveSmallIntegerField(
        default=0, db_default=0, editable=False, help_text="Steps in progress on it now."
    )
    hourly_rate = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    location = models.CharField(max_length=80, blank=True)
    is_active = models.BooleanField(default=True)

    objects = MachineQuerySet.as_manager()

    class Meta:
        db_table = "machines"
        ordering = ("code",)
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"],
                name="machines_external_id_uniq",
                violation_error_message=_("Another record has this key."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=MachineStatus.values), name="machines_status_chk"
            ),
            models.CheckConstraint(
                condition=Q(capacity__isnull=True) | Q(capacity__gt=0),
                name="machines_capacity_chk",
                violation_error_message=_("A machine runs at least one step at once."),
            ),
            models.CheckConstraint(
                condition=Q(capacity__isnull=True) | Q(running_steps__lte=F("capacity")),
                name="machines_running_steps_chk",
                violation_error_message=_("More steps than that run on the machine now."),
            ),
            models.CheckConstraint(
                condition=Q(hourly_rate__isnull=True) | Q(hourly_rate__gte=0),
                name="machines_hourly_rate_chk",
                violation_error_message=_("An hourly rate is not negative."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["status"], condition=Q(is_active=True), name="idx_machines_status"
            ),
            models.Index(fields=["name", "id"], name="idx_machines_name"),
            models.Index(fields=["is_active", "code"], name="idx_machines_is_active"),
        ]
        triggers = [
            *raises_version("status", "running_steps"),
            *audited(),
            *counted(MACHINES_BY_STATUS),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}" if self.code != self.name else self.name


class MachineProcess(Machine.processes.through):  # type: ignore[name-defined, misc]  # made by Django
    """One process that a machine can do."""

    class Meta:
        proxy = True
        default_permissions = ()
        triggers = audited()


class Reason(Record):
    """Why something was scrapped, or why a machine was down."""

    kind = models.CharField(max_length=10, choices=ReasonKind)
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)

    objects = ReasonQuerySet.as_manager()

    class Meta:
        db_table = "reasons"
        ordering = ("kind", "name")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "code"],
                name="reasons_kind_code_uniq",
                violation_error_message=_("There is a reason of this kind with this code already."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=ReasonKind.values), name="reasons_kind_chk"
            ),
        ]
        triggers = [*raises_version(), *audited()]

    def __str__(self) -> str:
        return self.name


class MachineDowntime(Record):
    """A stretch of time in which a machine was not available. Open: it is down now."""

    machine = models.ForeignKey(
        Machine,
        on_delete=models.PROTECT,
        related_name="downtimes",
        db_index=False,  # Covered by idx_machine_downtimes_machine.
    )
    reason = models.ForeignKey(
        Reason, on_delete=models.PROTECT, related_name="downtimes", db_index=False
    )
    note = models.TextField(blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="reported_downtimes",
        editable=False,
        db_index=False,
    )

    objects = DowntimeQuerySet.as_manager()

    class Meta:
        db_table = "machine_downtimes"
        ordering = ("-started_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="machine_downtimes_times_chk",
                violation_error_message=_("A downtime cannot end before it started."),
            ),
            ExclusionConstraint(
                name="machine_downtimes_overlap_excl",
                expressions=[
                    (
                        Func(
                            F("started_at"),
                            F("ended_at"),
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    ("machine", RangeOperators.EQUAL),
                ],
                violation_error_message=_("The machine has a downtime over that time already."),
            ),
        ]
        indexes = [
            models.Index(fields=["machine", "started_at"], name="idx_machine_downtimes_machine"),
            models.Index(
                fields=["machine"],
                condition=Q(ended_at__isnull=True),
                name="idx_machine_downtimes_open",
            ),
            models.Index(fields=["started_at", "id"], name="idx_machine_downtimes_started"),
            models.Index(fields=["reason"], name="idx_machine_downtimes_reason"),
            models.Index(fields=["reported_by"], name="idx_machine_downtimes_reporter"),
        ]
        triggers = [*raises_version(), *audited()]

    def __str__(self) -> str:
        return f"{self.machine}: {self.started_at:%Y-%m-%d %H:%M}"
