"""The office's lists by Django's own ModelAdmin: the same columns, filters, joins and page size.

Ordered by the primary key as ours are: by the model's own order the plain list would be slower.
"""

from django.contrib.admin import AdminSite, ModelAdmin

from apps.customers.models import Customer
from apps.jobs.models import Job, JobStep, WorkLog

site = AdminSite()


class StepAdmin(ModelAdmin):
    list_display = (
        "__str__",
        "status",
        "quantity_good",
        "due_date",
        "job__customer",
        "machine",
        "assigned_to",
        "priority",
    )
    list_select_related = ("job__customer", "process", "machine", "assigned_to")
    list_filter = ("status",)
    search_fields = ("job__number", "job__title", "job__customer__name", "job__part__name")
    ordering = ("-pk",)
    list_per_page = 50


class LogAdmin(ModelAdmin):
    list_display = (
        "step",
        "user",
        "machine",
        "kind",
        "started_at",
        "ended_at",
        "quantity_good",
        "quantity_scrap",
        "quantity_rework",
        "scrap_reason",
    )
    list_select_related = ("step__job", "step__process", "user", "machine", "scrap_reason")
    search_fields = ("step__job__number",)
    ordering = ("-pk",)
    list_per_page = 50


class JobAdmin(ModelAdmin):
    list_display = (
        "number",
        "status",
        "steps_done",
        "due_date",
        "customer",
        "title",
        "quantity",
        "priority",
    )
    list_select_related = ("customer",)
    list_filter = ("status", "priority", "due_date")
    search_fields = ("number", "title", "customer__name", "part__name")
    ordering = ("-pk",)
    list_per_page = 50


class CustomerAdmin(ModelAdmin):
    list_display = ("name", "code", "contact_name", "phone", "email", "city", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name", "code", "contact_name", "city")
    ordering = ("name",)
    list_per_page = 50


for model, model_admin in (
    (JobStep, StepAdmin),
    (WorkLog, LogAdmin),
    (Job, JobAdmin),
    (Customer, CustomerAdmin),
):
    site.register(model, model_admin)
