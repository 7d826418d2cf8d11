"""What the shop can do, and which role may."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Role
from apps.audit.triggers import audited
from apps.core.models import Record, raises_version
from apps.processes.querysets import ProcessQuerySet


class Process(Record):
    """A kind of operation the shop can do: cutting, welding, packing."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    standard_minutes = models.PositiveIntegerField(
        null=True, blank=True, help_text="What a step of it usually takes, in minutes."
    )
    needs_machine = models.BooleanField(
        default=True, help_text="Off for work by hand: its steps run without a machine."
    )
    is_active = models.BooleanField(default=True)

    objects = ProcessQuerySet.as_manager()

    class Meta:
        db_table = "processes"
        verbose_name_plural = "processes"
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="processes_name_uniq",
                violation_error_message=_("Another process has this name."),
            )
        ]
        indexes = [
            models.Index(fields=["name", "id"], name="idx_processes_name"),
            models.Index(fields=["is_active", "name"], name="idx_processes_is_active"),
        ]
        permissions = [("supervise_every_process", "Supervises every process")]
        triggers = [*raises_version(), *audited()]

    def __str__(self) -> str:
        return self.name


class RoleProcessPermission(Record):
    """What a role may do with a process; each right implies the one before it."""

    role = models.ForeignKey(
        Role, on_delete=models.PROTECT, related_name="process_permissions", db_index=False
    )
    process = models.ForeignKey(
        Process,
        on_delete=models.PROTECT,
        related_name="role_permissions",
        db_index=False,  # Covered by idx_role_process_permissions.
    )
    can_view = models.BooleanField(default=True)
    can_execute = models.BooleanField(
        default=False, help_text="Start, report, pause and complete its steps."
    )
    can_supervise = models.BooleanField(
        default=False, help_text="Act for others, assign, skip, correct and reopen its steps."
    )

    class Meta:
        db_table = "role_process_permissions"
        constraints = [
            models.UniqueConstraint(
                fields=["role", "process"],
                name="role_process_permissions_uniq",
                violation_error_message=_("This role has rights to this process already."),
            ),
            models.CheckConstraint(
                condition=Q(can_view=True) | Q(can_execute=False),
                name="role_process_execute_chk",
                violation_error_message=_("Who may execute a process may also see it."),
            ),
            models.CheckConstraint(
                condition=Q(can_execute=True) | Q(can_supervise=False),
                name="role_process_supervise_chk",
                violation_error_message=_("Who may supervise a process may also execute it."),
            ),
        ]
        indexes = [
            models.Index(fields=["process", "role"], name="idx_role_process_permissions"),
        ]
        triggers = [*raises_version(), *audited()]

    def __str__(self) -> str:
        return f"{self.role}: {self.process}"
