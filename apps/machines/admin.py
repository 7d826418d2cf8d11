"""Machines, downtimes and reasons in the office."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.accounts.actors import actor
from apps.backoffice.admin import ScalableAdmin, stored_fields
from apps.core.keys import key_of
from apps.machines import services
from apps.machines.models import Machine, MachineDowntime, Reason


@admin.register(Machine)
class MachineAdmin(ScalableAdmin):
    list_display = ("code", "name", "status", "running_steps", "capacity", "location", "is_active")
    list_filter = ("status", "is_active")
    sortable_by = ("code", "name")
    ordering = ("code",)
    search_fields = ("code",)
    search_help_text = "Part of a code or name"
    autocomplete_fields = ("processes",)
    readonly_fields = ("status", "running_steps")
    fieldsets = (
        (None, {"fields": ("code", "name", "processes", "capacity", "is_active")}),
        ("Now", {"fields": ("status", "running_steps")}),
        ("More", {"fields": ("location", "hourly_rate", "external_id")}),
    )

    def save_model(self, request: HttpRequest, obj: Machine, form: ModelForm, change: bool) -> None:
        services.save_machine(
            obj,
            actor=actor(request),
            fields=stored_fields(obj, form.changed_data),
            processes=form.cleaned_data["processes"],
        )


@admin.register(MachineDowntime)
class MachineDowntimeAdmin(ScalableAdmin):
    when_empty = _("Operators report them too.")
    list_display = ("machine", "reason", "started_at", "ended_at", "reported_by", "note")
    list_select_related = ("machine", "reason", "reported_by")
    list_filter = (("ended_at", admin.EmptyFieldListFilter),)
    sortable_by = ("started_at",)
    ordering = ("-started_at",)
    search_fields = ("machine",)
    search_help_text = "Part of a machine's code or name"
    autocomplete_fields = ("machine", "reason")
    readonly_fields = ("reported_by",)
    fields = ("machine", "reason", "note", "started_at", "ended_at", "reported_by")
    actions = ("end",)

    def lock_first(self, request: HttpRequest, object_id: str) -> None:
        """Lock its machine and the one it is to move to, by key."""
        its_own = MachineDowntime.objects.filter(pk__in=[key_of(object_id)]).values("machine")
        target = Q(pk__in=[key_of(request.POST.get("machine"))])
        list(Machine.objects.locked().filter(Q(pk__in=its_own) | target))

    def store(
        self, request: HttpRequest, obj: MachineDowntime, fields: list[str], *, change: bool
    ) -> None:
        if fields or not change:
            services.save_downtime(obj, actor=actor(request), fields=fields)

    def delete_model(self, request: HttpRequest, obj: MachineDowntime) -> None:
        services.delete_downtime(obj, actor=actor(request))

    @admin.action(description="End now: the machine is back", permissions=["change"])
    def end(self, request: HttpRequest, queryset: QuerySet[MachineDowntime]) -> None:
        who = actor(request)
        self.act_on_each(
            request, queryset, lambda pk: services.end_downtime(pk, actor=who), "ended"
        )


@admin.register(Reason)
class ReasonAdmin(ScalableAdmin):
    list_display = ("name", "kind", "code", "is_active")
    list_filter = ("kind", "is_active")
    ordering = ("kind", "code")
    search_fields = ("name",)
    search_help_text = "Part of a code or name"
    fields = ("kind", "code", "name", "is_active")
