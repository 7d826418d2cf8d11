"""Customers in the office."""

from django.contrib import admin
from django.http import HttpRequest

from apps.backoffice.admin import ScalableAdmin
from apps.customers import services
from apps.customers.models import Customer


@admin.register(Customer)
class CustomerAdmin(ScalableAdmin):
    list_display = ("name", "code", "contact_name", "phone", "email", "city", "is_active")
    list_filter = ("is_active",)
    sortable_by = ("name", "code", "email", "phone")
    ordering = ("name",)
    search_fields = ("name",)
    search_help_text = "Part of a name, code, contact or city"
    fieldsets = (
        (None, {"fields": ("name", "code", "is_active")}),
        ("Contact", {"fields": ("contact_name", "email", "phone")}),
        ("Address", {"fields": ("address", "city", "country")}),
        ("More", {"fields": ("tax_number", "external_id", "notes")}),
    )

    def store(
        self, request: HttpRequest, obj: Customer, fields: list[str], *, change: bool
    ) -> None:
        if fields or not change:
            services.save_customer(obj, actor=request.user, fields=fields)
