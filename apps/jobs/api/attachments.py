"""Files on jobs, steps, routing steps, parts, customers and machines."""

from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from apps.api.filters import reference
from apps.api.items import Item, Key, ModelItem
from apps.api.operations import operation
from apps.api.reading import JsonParser
from apps.api.records import Changes, Creates, Deletes
from apps.jobs import services
from apps.jobs.api.rows import AttachmentRow
from apps.jobs.downloads import hand_out
from apps.jobs.models import TARGETS, Attachment

ONE = (
    "Name the one thing it belongs to: "
    "a job, a step, a routing step, a part, a customer or a machine."
)


class AttachmentItem(Item):
    """A file and what it belongs to: one of the six."""

    upload = serializers.FileField(max_length=255, allow_empty_file=True)
    title = serializers.CharField(required=False, allow_blank=True, max_length=160)
    job = Key(TARGETS["job"], required=False)
    step = Key(TARGETS["step"], required=False)
    routing_step = Key(TARGETS["routing_step"], required=False)
    part = Key(TARGETS["part"], required=False)
    customer = Key(TARGETS["customer"], required=False)
    machine = Key(TARGETS["machine"], required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Find the one target. Raises: ValidationError."""
        targets = [attrs.pop(name) for name in TARGETS if name in attrs]
        if len(targets) != 1:
            raise serializers.ValidationError(ONE, code="target")
        return attrs | {"target": targets[0]}


class AttachmentChange(ModelItem):
    class Meta:
        model = Attachment
        fields = ("title",)


class AttachmentView(Creates[Attachment], Changes[Attachment], Deletes[Attachment]):
    """Files. What one holds never changes: another file is another attachment."""

    model, row = Attachment, AttachmentRow
    item, change_item = AttachmentItem, AttachmentChange
    parser_classes = (MultiPartParser, JsonParser)
    reads = "visible"
    searched = True
    filters = {name: reference() for name in TARGETS}

    def make(self, data: dict[str, Any]) -> Attachment:
        """Keep a file."""
        return services.attach_file(actor=self.actor, **data)

    def remove(self, record: Attachment) -> None:
        """Let a file go."""
        services.remove_attachment(record.pk, actor=self.actor)

    @action(detail=True, methods=["get"])
    @operation(tells_file=True)
    def content(self, request: Request, pk: int) -> HttpResponseBase:
        """Fetch the file, as a download."""
        self.asked()
        return hand_out(request._request, get_object_or_404(self.visible(), pk=pk))
