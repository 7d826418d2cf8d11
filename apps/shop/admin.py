"""The shop's settings and calendar in the office."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from apps.backoffice.admin import ScalableAdmin
from apps.shop import services
from apps.shop.models import Holiday, Shift, Shop


@admin.register(Shop)
class ShopAdmin(ScalableAdmin):
    fields = ("name", "time_zone")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Go straight to the one row."""
        return redirect(reverse("admin:shop_shop_change", args=[services.seed_shop().pk]))

    def store(self, request: HttpRequest, obj: Shop, fields: list[str], *, change: bool) -> None:
        if fields:
            services.save_shop(obj, actor=request.user, fields=fields)


@admin.register(Shift)
class ShiftAdmin(ScalableAdmin):
    list_display = ("name", "starts_at", "ends_at", "is_active")
    ordering = ("starts_at",)
    fields = ("name", "starts_at", "ends_at", "is_active")


@admin.register(Holiday)
class HolidayAdmin(ScalableAdmin):
    list_display = ("date", "name")
    ordering = ("-date",)
    sortable_by = ("date",)
    fields = ("date", "name")
