"""Parts in the office."""

from django.contrib import admin

from apps.backoffice.admin import ScalableAdmin
from apps.catalog.models import Part


@admin.register(Part)
class PartAdmin(ScalableAdmin):
    list_display = ("number", "revision", "name", "unit", "is_active")
    list_filter = ("is_active",)
    sortable_by = ("name",)
    ordering = ("number", "revision")
    search_fields = ("number",)
    search_help_text = "Part of a number or name"
    fields = ("number", "revision", "name", "unit", "is_active", "external_id", "notes")
