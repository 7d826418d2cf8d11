"""Routings with their steps."""

from django.contrib import admin

from apps.backoffice.admin import ScalableAdmin, ScalableInline
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
    show_change_link = False


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
