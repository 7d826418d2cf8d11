"""What programs send of parts."""

from apps.api.items import ExternalId, ModelItem
from apps.catalog.models import Part


class PartItem(ModelItem):
    external_id = ExternalId()

    class Meta:
        model = Part
        fields = ("number", "revision", "external_id", "name", "unit", "notes", "is_active")
