"""Files: added with what they belong to, downloaded, renamed, removed."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from apps.accounts.actors import actor
from apps.backoffice.admin import ScalableAdmin
from apps.backoffice.forms import GuardedForm
from apps.jobs import services
from apps.jobs.models import TARGETS, Attachment
from apps.jobs.services.uploads import KINDS

SHOWN = 50  # On the page of what they belong to; the rest is in the list.


class AttachForm(GuardedForm):
    """A new file."""

    upload = forms.FileField(
        label="File",
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(f".{each}" for each in KINDS)}),
    )


@admin.register(Attachment)
class AttachmentAdmin(ScalableAdmin):
    list_display = ("__str__", "belongs_to", "download", "weight", "uploaded_by", "created_at")
    list_select_related = (
        "job",
        "step__job",
        "step__process",
        "routing_step__routing",
        "routing_step__process",
        "part",
        "customer",
        "machine",
        "uploaded_by",
    )
    search_fields = ("title",)
    search_help_text = "Part of a title or file name"
    autocomplete_fields = tuple(TARGETS)
    readonly_fields = ("belongs_to", "download", "weight", "sha256", "uploaded_by", "created_at")
    fields = ("belongs_to", "download", "title", "weight", "sha256", "uploaded_by", "created_at")
    add_fields = ("upload", "title", *TARGETS)

    @admin.display(description="Belongs to")
    def belongs_to(self, attachment: Attachment) -> str:
        target = attachment.target
        return f"{target._meta.verbose_name} {target}".capitalize() if target else ""

    @admin.display(description="File")
    def download(self, attachment: Attachment) -> str:
        return link(attachment)

    @admin.display(description="Size")
    def weight(self, attachment: Attachment) -> str:
        return filesizeformat(attachment.size)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attachment]:
        rows: QuerySet[Attachment] = super().get_queryset(request)
        return Attachment.objects.visible_to(actor(request)) & rows

    def get_fields(self, request: HttpRequest, obj: Attachment | None = None) -> Any:
        return self.fields if obj else self.add_fields

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = AttachForm
        return super().get_form(request, obj, change=change, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: Attachment, form: ModelForm, change: bool
    ) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        target = obj.target
        assert target is not None  # noqa: S101 - the form has checked the constraint
        kept = services.attach_file(
            actor=actor(request),
            target=target,
            upload=form.cleaned_data["upload"],
            title=obj.title,
        )
        obj.pk, obj.file_name = kept.pk, kept.file_name

    def delete_model(self, request: HttpRequest, obj: Attachment) -> None:
        services.remove_attachment(obj.pk, actor=actor(request))


def link(attachment: Attachment) -> str:
    """Return a link that downloads the file."""
    address = reverse("attachment-download", args=[attachment.pk])
    return format_html('<a href="{}">{}</a>', address, attachment.file_name)


def links(attachments: QuerySet[Attachment]) -> str:
    """Return links that download the first files."""
    return format_html_join(" · ", "{}", ((link(each),) for each in attachments[:SHOWN])) or "–"
