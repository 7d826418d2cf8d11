"""What was printed, to read."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.backoffice.admin import ScalableAdmin
from apps.paper.models import Printout, TravellerCopy


class ReadOnlyAdmin(ScalableAdmin):
    """Rows that services write and nobody types."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Printout)
class PrintoutAdmin(ReadOnlyAdmin):
    when_empty = _("They are ordered from the list of jobs.")
    list_display = ("__str__", "ordered_by", "created_at", "jobs_total", "status", "trouble")
    list_select_related = ("ordered_by",)
    search_fields = ("copies",)
    search_help_text = "A job number"
    fields = (
        "ordered_by",
        "created_at",
        "jobs_total",
        "status",
        "tries",
        "trouble",
        "finished_at",
    )


@admin.register(TravellerCopy)
class TravellerCopyAdmin(ReadOnlyAdmin):
    when_empty = _("Each traveller that is printed is numbered here.")
    list_display = ("job", "number", "was_draft", "ordered_by", "created_at")
    list_select_related = ("job", "printout__ordered_by")
    search_fields = ("job",)
    search_help_text = "A job number"
    fields = ("job", "number", "was_draft", "printout", "created_at")

    @admin.display(description="Printed by")
    def ordered_by(self, copy: TravellerCopy) -> str:
        return str(copy.printout.ordered_by)
