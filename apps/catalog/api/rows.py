"""What programs read of parts."""

from apps.api.rows import Row
from apps.catalog.models import Part


class PartRow(Row):
    class Meta:
        model = Part
        fields = (
            "id",
            "number",
            "revision",
            "external_id",
            "name",
            "unit",
            "notes",
            "is_active",
            "created_at",
            "updated_at",
            "version",
        )
