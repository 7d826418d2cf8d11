"""Routings with their steps."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from apps.accounts.actors import actor
from apps.backoffice.admin import ScalableAdmin, ScalableInline
from apps.core.records import raise_version
from apps.jobs import services
from apps.jobs.admin.floor import ReadOnlyAdmin
from apps.jobs.models import Routing, RoutingStep


class RoutingStepInline(ScalableInline):
    model = RoutingStep
    fields = (
        "sequence",
        "process",
        "machine",
        "setup_minutes",
        "run_minutes_per_unit",
        "starts_after",
        "instructions",
    )
    autocomplete_fields = ("process", "machine")
    max_num = 200  # Nothing is made in as many steps.

    def get_queryset(self, request: HttpRequest) -> QuerySet[RoutingStep]:
        return super().get_queryset(request).select_related("routing", "process", "machine")


@admin.register(RoutingStep)
class RoutingStepAdmin(ReadOnlyAdmin):
    """There to be found: steps are typed on their routing."""

    list_display = ("__str__", "machine", "setup_minutes", "run_minutes_per_unit", "starts_after")
    list_select_related = ("routing", "process", "machine")
    search_fields = ("routing",)
    search_help_text = "Part of a routing's code or name"
    fields = (
        "routing",
        "sequence",
        "process",
        "machine",
        "setup_minutes",
        "run_minutes_per_unit",
        "starts_after",
        "instructions",
    )

    def has_module_permission(self, request: HttpRequest, *place: Any) -> bool:
        return False  # Not on the front page, where it would stand beside its routing.


@admin.register(Routing)
class RoutingAdmin(ScalableAdmin):
    list_display = ("code", "name", "part", "is_active")
    list_select_related = ("part",)
    list_filter = ("is_active",)
    sortable_by = ("code",)
    ordering = ("code",)
    search_fields = ("code",)
    search_help_text = "Part of a code or name"
    autocomplete_fields = ("part",)
    fields = ("code", "name", "part", "is_active", "notes")
    inlines = (RoutingStepInline,)

    def save_formset(
        self, request: HttpRequest, form: ModelForm, formset: Any, change: bool
    ) -> None:
        super().save_formset(request, form, formset, change)
        if formset.has_changed():
            raise_version(form.instance)

    def delete_model(self, request: HttpRequest, obj: Routing) -> None:
        services.delete_routing(obj, actor=actor(request))
